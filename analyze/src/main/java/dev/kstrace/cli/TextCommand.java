package dev.kstrace.cli;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.NewTrace;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceText;
import dev.kstrace.traces.TraceWriter;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
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

  private TraceText.Parsed parse(Path file) {
    try (Progress progress = progress();
        InputStream bytes = new WatchedInput(file, progress);
        Reader source = new InputStreamReader(bytes, StandardCharsets.UTF_8.newDecoder())) {
      return TraceText.parse(source, file);
    } catch (java.nio.charset.CharacterCodingException e) {
      throw UserError.unreadable(
          "cannot read " + file + ": it is no UTF-8 text; expected the output of kstrace text", e);
    } catch (IOException e) {
      throw Failure.input(file, e);
    }
  }

  /** A file that tells how far it is read. */
  private static final class WatchedInput extends FilterInputStream {
    private final ReadProgress progress;
    private final long size;
    private long done;

    WatchedInput(Path file, ReadProgress progress) throws IOException {
      super(Files.newInputStream(file));
      this.progress = progress;
      size = Files.size(file);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = super.read(bytes, offset, length);
      done += Math.max(0, count);
      progress.at(done, size);
      return count;
    }
  }
}
