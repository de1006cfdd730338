package dev.kstrace.cli.step;

import dev.kstrace.cli.shell.Lines;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Lines of a script, from a pipe or a file. */
public final class PipeLines implements Lines {
  private final BufferedReader reader;

  /** The lines of a stream in UTF-8; it is not closed. */
  public PipeLines(InputStream in) {
    reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
  }

  @Override
  public @Nullable String read() {
    try {
      return reader.readLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public int width() {
    return Integer.MAX_VALUE;
  }

  @Override
  public void onInterrupt(Runnable action) {
    // Nobody types here; an interrupt ends the process.
  }

  @Override
  public void close() {
    // The stream is its owner's.
  }
}
