package dev.kstrace.cli;

import dev.kstrace.cli.text.Words;
import dev.kstrace.traces.MalformedTraceException;
import dev.kstrace.traces.TraceMerge;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace merge}: traces of one run put together. */
final class MergeCommand extends Command {
  private final PositionalParamSpec inputs =
      arguments("1..*", "FILE", "Traces of one run, at least two.");
  private final OptionSpec output = output("The trace to write.");
  private final OptionSpec force = force();

  MergeCommand(Console console) {
    super(
        console,
        "merge",
        "Put traces of one run together.",
        "By seq where one counter gave it to all of them; else by time, and numbered anew. Traces",
        "of different clocks or hosts, or whose pins or contexts collide, are refused.");
    footer("", "Example: kstrace merge first.arrow second.arrow -o run.arrow");
  }

  @Override
  public Integer call() {
    List<Path> files = paths(inputs);
    Path target = required(output);
    if (files.size() < 2) {
      throw UserError.usage("one trace cannot be merged; give at least two");
    }
    for (Path file : files) {
      requireReadable(file);
      requireAnother(file, target);
    }
    TraceMerge.Merged merged = merge(files, target);
    if (!quiet()) {
      String order =
          merged.order() == TraceMerge.Order.SEQ ? "by seq" : "by time, with a seq of its own";
      console
          .err()
          .println(
              Failure.printable(
                  "wrote " + target + ": " + Words.count(merged.events(), "event") + ", " + order,
                  false));
    }
    return ExitCode.OK;
  }

  private TraceMerge.Merged merge(List<Path> files, Path target) {
    try (Progress progress = progress()) {
      return new TraceMerge(files).write(target, isSet(force), progress);
    } catch (TraceMerge.MergeException e) {
      throw UserError.usage(String.valueOf(e.getMessage()), e);
    } catch (MalformedTraceException e) {
      throw Failure.input(files.get(0), e);
    } catch (IOException e) {
      throw Failure.output(target, e);
    }
  }
}
