package dev.kstrace.cli;

import dev.kstrace.analyze.PassOptions;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.cli.text.OutstandingChart;
import dev.kstrace.cli.text.Words;
import dev.kstrace.traces.Escapes;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace info}: what is in a trace. */
final class InfoCommand extends Command {
  private static final int MOST_CAUSES = 8;
  private static final int MOST_CURVES = 8;

  private final PositionalParamSpec files = arguments("1..*", "FILE", "Traces.");

  InfoCommand(Console console) {
    super(
        console,
        "info",
        "Show what is in a trace: producer, counts, allocators, duration, integrity.");
    footer("", "Example: kstrace info mic.arrow");
  }

  @Override
  public Integer call() {
    int code = ExitCode.OK;
    OutstandingChart chart = chart();
    for (Path file : paths(files)) {
      try {
        TraceFacts facts = read(file, chart != null);
        print(facts, console.out());
        if (chart != null) {
          chart.print(console.out(), facts.curves(), MOST_CURVES);
        }
      } catch (IOException e) {
        code = ExitCode.graver(code, Failure.report(Failure.input(file, e), console.err()));
      }
    }
    return code;
  }

  private TraceFacts read(Path file, boolean curves) throws IOException {
    try (Progress progress = progress()) {
      return TraceFacts.of(file, new PassOptions(curves, progress));
    }
  }

  private static void print(TraceFacts facts, PrintStream out) {
    TraceMetadata metadata = facts.metadata();
    out.println(Escapes.escape(facts.file().toString()));
    line(out, "origin", value(metadata, TraceMetadata.ORIGIN));
    line(out, "producer", value(metadata, TraceMetadata.PRODUCER));
    line(out, "events", count(facts.events()) + byOperation(facts));
    line(
        out,
        "allocators",
        count(facts.allocatorsMade())
            + " made by "
            + Words.count(facts.events(Op.INITIALIZE), "initialize call")
            + ", "
            + Words.count(facts.pinInstances(), "pin instance"));
    line(out, "live at the end", Words.count(facts.liveAtEnd(), "frame"));
    line(out, "duration", Words.duration(facts.durationNs()));
    line(out, "start", facts.metadata().completeStart() ? "complete" : "recording began later");
    line(out, "end", end(facts));
    line(out, "losses", losses(facts));
    line(out, "checksums", checksums(facts));
    for (Map.Entry<String, String> entry : metadata.values().entrySet()) {
      if (!entry.getKey().equals(TraceMetadata.ORIGIN)
          && !entry.getKey().equals(TraceMetadata.PRODUCER)) {
        line(out, Escapes.escape(entry.getKey()), Escapes.escape(entry.getValue()));
      }
    }
  }

  private static void line(PrintStream out, String key, String value) {
    out.println(String.format(Locale.ROOT, "  %-28s %s", key, value));
  }

  private static String value(TraceMetadata metadata, String key) {
    String value = metadata.get(key);
    return value == null ? "not said" : Escapes.escape(value);
  }

  private static String byOperation(TraceFacts facts) {
    List<String> parts = new ArrayList<>();
    for (Op op : Op.values()) {
      if (facts.events(op) > 0) {
        parts.add(op.label() + " " + count(facts.events(op)));
      }
    }
    if (facts.unknownEvents() > 0) {
      parts.add("unknown " + count(facts.unknownEvents()));
    }
    return parts.isEmpty() ? "" : ": " + String.join(", ", parts);
  }

  private static String end(TraceFacts facts) {
    if (facts.cleanEnd()) {
      return "orderly (trace_end and footer)";
    }
    String why = facts.hasFooter() ? "no trace_end" : "no footer";
    String torn =
        facts.tornBytes() == 0
            ? ""
            : ", " + Words.count(facts.tornBytes(), "byte") + " of an incomplete batch dropped";
    return "cut (" + why + torn + ")";
  }

  private static String losses(TraceFacts facts) {
    if (facts.lost() == 0 && !facts.lostUnknown()) {
      return "none";
    }
    String number =
        facts.lostUnknown()
            ? "at least " + Words.count(facts.lost(), "event") + ", and an unknown number"
            : Words.count(facts.lost(), "event");
    String causes =
        facts.lostByCause().entrySet().stream()
            .limit(MOST_CAUSES)
            .map(cause -> Escapes.escape(cause.getKey()) + ": " + lost(cause.getValue()))
            .collect(Collectors.joining(", "));
    return number + " (" + causes + ")";
  }

  private static String lost(long count) {
    return count == 0 ? "unknown" : count(count);
  }

  private static String checksums(TraceFacts facts) {
    int unchecked = facts.batches() - facts.checkedBatches();
    return Words.count(facts.checkedBatches(), "batch", "batches")
        + " right"
        + (unchecked == 0 ? "" : ", " + unchecked + " unchecked (without one)");
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
