package dev.kstrace.cli;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.NewTrace;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceText;
import dev.kstrace.traces.TraceWriter;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace text}: a trace as text, and back. */
final class TextCommand extends Command {
  private final PositionalParamSpec input = arguments("1", "FILE", "A trace, or with -o a text.");
  private final OptionSpec output =
      option(String.class, "FILE", "The trace to write.", "-o", "--output");
  private final OptionSpec force = flag("Replace the file if it exists.", "-f", "--force");

  TextCommand(Console console) {
    super(
        console,
        "text",
        "Print a trace as text, one event per line.",
        "With -o FILE.arrow: read such a text and write the trace.");
    footer(
        "",
        "Examples: kstrace text mic.arrow > mic.txt",
        "          kstrace text mic.txt -o again.arrow");
  }

  @Override
  public Integer call() {
    Path file = paths(input).get(0);
    @Nullable String target = output.getValue();
    if (target == null) {
      print(file);
    } else {
      write(file, path(target));
    }
    return ExitCode.OK;
  }

  private void print(Path file) {
    try (TraceReader trace = TraceReader.open(file)) {
      TraceText.write(trace, console.out());
    } catch (IOException e) {
      throw Failure.input(file, e);
    }
  }

  private void write(Path file, Path target) {
    TraceText.Parsed parsed = parse(file);
    requireAnother(file, target);
    try (NewTrace trace = NewTrace.create(target, parsed.metadata(), isSet(force))) {
      EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);
      for (TraceEvent event : parsed.events()) {
        if (batch.isFull()) {
          trace.writer().write(batch);
          batch.clear();
        }
        batch.add(event);
      }
      trace.writer().write(batch);
      trace.commit();
    } catch (IOException e) {
      throw Failure.output(target, e);
    }
  }

  private static TraceText.Parsed parse(Path file) {
    try (BufferedReader source = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      return TraceText.parse(source, file);
    } catch (java.nio.charset.CharacterCodingException e) {
      throw UserError.unreadable(
          "cannot read " + file + ": it is no UTF-8 text; expected the output of kstrace text", e);
    } catch (IOException e) {
      throw Failure.input(file, e);
    }
  }
}
