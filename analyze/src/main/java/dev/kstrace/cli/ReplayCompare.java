package dev.kstrace.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.cli.text.Json;
import dev.kstrace.cli.text.Words;
import dev.kstrace.replay.DivergenceKind;
import dev.kstrace.replay.ReplayOptions;
import dev.kstrace.replay.ReplayTarget;
import dev.kstrace.replay.Spread;
import dev.kstrace.replay.TargetComparison;
import dev.kstrace.replay.TargetComparison.Measured;
import dev.kstrace.replay.TargetDeath;
import dev.kstrace.replay.TargetDifference;
import dev.kstrace.traces.Escapes;
import dev.kstrace.traces.Hex;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code kstrace replay --target A --target B}: where two targets differ. */
final class ReplayCompare {
  private static final int LISTED = 10;
  private static final String NOTE = " (information: caching policy, no part of the contract)";

  private final TargetComparison.Result result;
  private final List<Measured> sides;

  private ReplayCompare(TargetComparison.Result result) {
    this.result = result;
    this.sides = List.of(result.first(), result.second());
  }

  /** Compares and reports; the exit code. */
  static int run(
      Console console,
      Path file,
      TraceMetadata metadata,
      TargetOptions targets,
      ReplayOptions options,
      Progress progress,
      boolean asJson)
      throws IOException {
    TargetComparison.Result result;
    try (progress;
        ReplayTarget first = targets.makeMeasured(metadata, 0);
        ReplayTarget second = targets.makeMeasured(metadata, 1)) {
      result = TargetComparison.compare(file, first, second, options, System::nanoTime, progress);
    } catch (IOException e) {
      throw Failure.input(file, e);
    }
    ReplayCompare report = new ReplayCompare(result);
    if (asJson) {
      report.json(console.out());
    } else {
      report.text(console.out());
    }
    boolean died = report.sides.stream().anyMatch(side -> side.report().death() != null);
    return died ? ExitCode.TARGET_DIED : result.differ() ? ExitCode.DIVERGED : ExitCode.OK;
  }

  private void text(PrintStream out) {
    out.println(
        "compared "
            + Words.count(result.compared(), "call")
            + " on "
            + Escapes.escape(name(0))
            + " and "
            + Escapes.escape(name(1))
            + (result.differ() ? ": they differ" : ": the same"));
    result
        .counts()
        .forEach(
            (kind, count) -> {
              if (count > 0) {
                out.println("  " + kind.label() + " " + count + (kind.isContract() ? "" : NOTE));
              }
            });
    for (Measured side : sides) {
      TargetDeath death = side.report().death();
      if (death != null) {
        out.println(
            "  " + Escapes.escape(side.report().target()) + ": " + Escapes.escape(death.text()));
      }
    }
    List<TargetDifference> contract =
        result.differences().stream().filter(each -> each.kind().isContract()).toList();
    if (!contract.isEmpty()) {
      TargetDifference first = contract.get(0);
      out.println();
      out.println("first difference (" + first.kind().label() + "):");
      out.println("  recorded: " + Escapes.escape(first.event()));
      out.println("  " + Escapes.escape(name(0)) + ": " + first.first());
      out.println("  " + Escapes.escape(name(1)) + ": " + first.second());
      contract.stream().skip(1).limit(LISTED).forEach(each -> out.println("  also: " + line(each)));
    }
    out.println();
    measures(out);
  }

  private static String line(TargetDifference each) {
    return "seq "
        + Long.toUnsignedString(each.seq())
        + " "
        + TraceText.opLabel(each.op())
        + ": "
        + each.first()
        + "; "
        + each.second()
        + " ("
        + each.kind().label()
        + ")";
  }

  private String name(int side) {
    return sides.get(side).report().target();
  }

  private void measures(PrintStream out) {
    row(out, "target", Escapes.escape(name(0)), Escapes.escape(name(1)));
    for (Op op : List.of(Op.INITIALIZE, Op.ALLOCATE, Op.FREE, Op.DELETE)) {
      @Nullable Spread first = sides.get(0).took().get(op);
      @Nullable Spread second = sides.get(1).took().get(op);
      if (first != null || second != null) {
        row(out, op.label() + ", p50 / p99 / most", spread(first), spread(second));
      }
    }
    row(
        out,
        "frames out at most",
        count(sides.get(0).mostFrames()),
        count(sides.get(1).mostFrames()));
    row(out, "their bytes", count(sides.get(0).mostBytes()), count(sides.get(1).mostBytes()));
    if (sides.stream().anyMatch(side -> side.mostPoolBytes() != null)) {
      row(out, "pool blocks at most", pool(0, true), pool(1, true));
      row(out, "pool bytes at most", pool(0, false), pool(1, false));
    }
  }

  private String pool(int side, boolean blocks) {
    Long most = blocks ? sides.get(side).mostPoolBlocks() : sides.get(side).mostPoolBytes();
    return most == null ? "unknown" : count(most);
  }

  private static void row(PrintStream out, String what, String first, String second) {
    out.println(String.format(Locale.ROOT, "%-29s %-31s %s", what, first, second));
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String spread(@Nullable Spread spread) {
    return spread == null
        ? "none"
        : Words.duration(spread.medianNs())
            + " / "
            + Words.duration(spread.p99Ns())
            + " / "
            + Words.duration(spread.maxNs());
  }

  private void json(PrintStream out) throws IOException {
    try (JsonGenerator json = Json.indented(out)) {
      json.writeStartObject();
      json.writeStringField("schema", "kstrace.compare/1");
      json.writeStringField("compared", Long.toString(result.compared()));
      json.writeObjectFieldStart("counts");
      for (DivergenceKind kind : DivergenceKind.values()) {
        json.writeStringField(kind.label(), Long.toString(result.counts().getOrDefault(kind, 0L)));
      }
      json.writeEndObject();
      json.writeArrayFieldStart("differences");
      for (TargetDifference each : result.differences()) {
        difference(json, each);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("targets");
      for (Measured side : sides) {
        side(json, side);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    out.println();
  }

  private static void difference(JsonGenerator json, TargetDifference each) throws IOException {
    json.writeStartObject();
    json.writeStringField("seq", Long.toUnsignedString(each.seq()));
    json.writeStringField("kind", each.kind().label());
    json.writeBooleanField("contract", each.kind().isContract());
    json.writeStringField("op", TraceText.opLabel(each.op()));
    if (each.context() != null) {
      json.writeStringField("context", Hex.of(each.context()));
    }
    json.writeStringField("recorded_event", each.event());
    json.writeStringField("first", each.first());
    json.writeStringField("second", each.second());
    json.writeEndObject();
  }

  private static void side(JsonGenerator json, Measured side) throws IOException {
    json.writeStartObject();
    json.writeStringField("target", side.report().target());
    json.writeStringField("calls", Long.toString(side.report().calls()));
    TargetDeath death = side.report().death();
    if (death != null) {
      json.writeStringField("died", death.text());
    }
    json.writeObjectFieldStart("latency");
    for (Op op : side.took().keySet()) {
      Spread spread = side.took().get(op);
      json.writeObjectFieldStart(op.label());
      json.writeStringField("count", Long.toString(spread.count()));
      json.writeStringField("p50_ns", Long.toString(spread.medianNs()));
      json.writeStringField("p99_ns", Long.toString(spread.p99Ns()));
      json.writeStringField("max_ns", Long.toString(spread.maxNs()));
      json.writeEndObject();
    }
    json.writeEndObject();
    json.writeStringField("most_frames", Long.toString(side.mostFrames()));
    json.writeStringField("most_bytes", Long.toString(side.mostBytes()));
    if (side.mostPoolBlocks() != null && side.mostPoolBytes() != null) {
      json.writeStringField("most_pool_blocks", Long.toString(side.mostPoolBlocks()));
      json.writeStringField("most_pool_bytes", Long.toString(side.mostPoolBytes()));
    }
    json.writeEndObject();
  }
}
