package dev.kstrace.cli;

import dev.kstrace.cli.text.Words;
import dev.kstrace.traces.MalformedTraceException;
import dev.kstrace.traces.Place;
import dev.kstrace.traces.TraceCut;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace cut}: a part of a trace. */
final class CutCommand extends Command {
  private final PositionalParamSpec input = arguments("1", "FILE", "A trace.");
  private final OptionSpec from =
      option(
          String.class,
          "PLACE",
          "Where to begin: a seq, a time since the first event such as 1.5s, or mark:TEXT.",
          "--from");
  private final OptionSpec to =
      option(String.class, "PLACE", "Where to end, that event included.", "--to");
  private final OptionSpec output = output("The trace to write.");
  private final OptionSpec force = force();

  CutCommand(Console console) {
    super(
        console,
        "cut",
        "Take a part out of a trace; its verdict stays that of the whole.",
        "What was live at the beginning comes along, so that nothing looks leaked or foreign.");
    footer("", "Example: kstrace cut mic.arrow --from 100 --to 200 -o part.arrow");
  }

  @Override
  public Integer call() {
    Path file = paths(input).get(0);
    Path target = required(output);
    Place begin = place(from);
    Place end = place(to);
    if (begin == null && end == null) {
      throw UserError.usage("where to cut? give --from PLACE, --to PLACE or both");
    }
    requireAnother(file, target);
    TraceCut.Kept kept = cut(file, target, new TraceCut(begin, end));
    if (kept.events() == 0) {
      throw UserError.usage(
          "no event of "
              + file
              + " lies "
              + (begin == null ? "" : "from " + begin + " ")
              + (end == null ? "on" : "up to " + end)
              + "; kstrace text shows its events");
    }
    if (!quiet()) {
      console
          .err()
          .println(
              Failure.printable(
                  "wrote "
                      + target
                      + ": "
                      + Words.count(kept.events(), "event")
                      + ", seq "
                      + Long.toUnsignedString(kept.firstSeq())
                      + " to "
                      + Long.toUnsignedString(kept.lastSeq())
                      + ", and "
                      + Words.count(kept.snapshotRows(), "event")
                      + " of before that tell what was live",
                  false));
    }
    return ExitCode.OK;
  }

  private TraceCut.Kept cut(Path file, Path target, TraceCut cut) {
    requireReadable(file);
    try (Progress progress = progress()) {
      return cut.write(file, target, isSet(force), progress);
    } catch (MalformedTraceException e) {
      throw Failure.input(file, e);
    } catch (IOException e) {
      throw Failure.output(target, e);
    }
  }

  private static @Nullable Place place(OptionSpec option) {
    @Nullable String text = option.getValue();
    try {
      return text == null ? null : Place.parse(text);
    } catch (IllegalArgumentException e) {
      throw UserError.usage(String.valueOf(e.getMessage()), e);
    }
  }
}
