package dev.kstrace.cli;

import dev.kstrace.cli.text.Words;
import dev.kstrace.traces.Escapes;
import dev.kstrace.traces.TraceRecovery;
import dev.kstrace.traces.TraceRecovery.Gap;
import dev.kstrace.traces.TraceStructure;
import dev.kstrace.traces.TraceStructure.SchemaSource;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace recover}: what is whole of a damaged trace. */
final class RecoverCommand extends Command {
  private static final int GAPS_SHOWN = 100;

  private final PositionalParamSpec input = arguments("1", "FILE", "A damaged trace.");
  private final OptionSpec output = output("The trace to write.");
  private final OptionSpec force = force();

  RecoverCommand(Console console) {
    super(
        console,
        "recover",
        "Rescue what is whole of a damaged trace.",
        "A batch is kept only if all of it can be read; where one is missing the new trace has an",
        "events_lost, so that no rule accuses anybody of what the damage hid.");
    footer(
        "",
        "Exit code 0 where every event was rescued, 1 where some are lost, 3 where none is left.",
        "Example: kstrace recover torn.arrow -o rescued.arrow");
  }

  @Override
  public Integer call() {
    Path file = paths(input).get(0);
    Path target = required(output);
    requireAnother(file, target);
    TraceStructure structure = walk(file);
    TraceRecovery recovery = TraceRecovery.of(structure);
    if (recovery.isNothing()) {
      throw UserError.unreadable(
          "nothing can be rescued of " + file + "; kstrace verify shows why", null);
    }
    try (Progress progress = progress()) {
      recovery.write(target, isSet(force), progress);
    } catch (IOException e) {
      throw Failure.output(target, e);
    }
    print(structure, recovery, target, console.out());
    return recovery.isPartial() ? ExitCode.FINDINGS : ExitCode.OK;
  }

  private TraceStructure walk(Path file) {
    try {
      return structure(file);
    } catch (IOException e) {
      throw Failure.input(file, e);
    }
  }

  private void print(
      TraceStructure structure, TraceRecovery recovery, Path target, PrintStream out) {
    out.println(
        Escapes.escape(target.toString())
            + ": rescued "
            + Words.count(structure.rows(), "event")
            + " of "
            + Words.count(structure.batches(), "batch", "batches")
            + (recovery.isPartial() ? "" : ", nothing is lost"));
    if (recovery.lost() > 0 || recovery.lostUnknown()) {
      out.println(
          "  lost: "
              + (recovery.lostUnknown() ? "at least " : "")
              + Words.count(recovery.lost(), "event")
              + ", "
              + Words.count(structure.brokenBytes(), "byte"));
    }
    if (quiet()) {
      return;
    }
    if (structure.schemaSource() == SchemaSource.FOOTER) {
      out.println("  the schema at the beginning is broken; taken from the footer");
    } else if (structure.schemaSource() == SchemaSource.ASSUMED) {
      out.println(
          "  the schema is lost, and with it all metadata; only batches with a right checksum and"
              + " the columns that kstrace writes were taken");
    }
    recovery.gaps().stream().limit(GAPS_SHOWN).forEach(gap -> out.println("  " + gap(gap)));
    if (recovery.gaps().size() > GAPS_SHOWN) {
      out.println("  and " + (recovery.gaps().size() - GAPS_SHOWN) + " more such places");
    }
  }

  private static String gap(Gap gap) {
    String place =
        "byte " + gap.offset() + ": " + Words.count(gap.bytes(), "byte") + " cannot be read, ";
    if (gap.isHarmless()) {
      return place + "no event is missing";
    }
    String events =
        gap.events() == null ? "an unknown number of events" : Words.count(gap.events(), "event");
    return place + events + " lost" + seqs(gap);
  }

  private static String seqs(Gap gap) {
    Long first = gap.firstSeq();
    Long last = gap.lastSeq();
    if (first != null && last != null) {
      return first.equals(last)
          ? ", seq " + Long.toUnsignedString(first)
          : ", seq " + Long.toUnsignedString(first) + " to " + Long.toUnsignedString(last);
    }
    if (first != null) {
      return ", from seq " + Long.toUnsignedString(first) + " on";
    }
    return last == null ? "" : ", up to seq " + Long.toUnsignedString(last);
  }
}
