package dev.kstrace.cli;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceText;
import dev.kstrace.traces.TraceWriter;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kstrace text}: a trace as text, and back. */
@Command(
    name = "text",
    description = {
      "Print a trace as text, one event per line.",
      "With -o FILE.arrow: read such a text and write the trace."
    },
    footer = {
      "",
      "Example: kstrace text mic.arrow > mic.txt",
      "         kstrace text mic.txt -o again.arrow"
    })
final class TextCommand extends CommonOptions implements Callable<Integer> {
  private final Console console;

  @Parameters(paramLabel = "FILE", description = "A trace, or with -o a text.")
  private Path file = Path.of("");

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "The trace to write.")
  private @Nullable Path output;

  @Option(
      names = {"-f", "--force"},
      description = "Replace the file if it exists.")
  private boolean force;

  TextCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (output == null) {
      print();
    } else {
      write(output);
    }
    return ExitCode.OK;
  }

  private void print() {
    try (TraceReader trace = TraceReader.open(file)) {
      TraceText.write(trace, console.out());
    } catch (IOException e) {
      throw Failure.input(file, e);
    }
  }

  private void write(Path target) {
    TraceText.Parsed parsed;
    try (BufferedReader source = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      parsed = TraceText.parse(source, file);
    } catch (java.nio.charset.CharacterCodingException e) {
      throw UserError.unreadable(
          "cannot read " + file + ": it is no UTF-8 text; expected the output of kstrace text", e);
    } catch (IOException e) {
      throw Failure.input(file, e);
    }
    try (TraceWriter trace = TraceWriter.create(target, parsed.metadata(), force)) {
      EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);
      for (TraceEvent event : parsed.events()) {
        if (batch.isFull()) {
          trace.write(batch);
          batch.clear();
        }
        batch.add(event);
      }
      trace.write(batch);
    } catch (IOException e) {
      throw Failure.output(target, e);
    }
  }
}
