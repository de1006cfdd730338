package dev.kstrace.capture.ftrace;

import dev.kstrace.traces.MalformedTraceException;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Lines of a text file that may be anything: none is longer than a limit. Not thread-safe. */
final class BoundedLines implements Closeable {
  private static final int MAX_BYTES = 1 << 16;

  private final Path file;
  private final InputStream in;
  private final byte[] line = new byte[MAX_BYTES];
  private long offset;

  BoundedLines(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new MalformedTraceException(file, "is a directory; expected the text of a trace");
    }
    this.file = file;
    this.in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
  }

  /** Bytes read so far. */
  long offset() {
    return offset;
  }

  /**
   * The next line without its end, or null behind the last one. Bytes that are no UTF-8 are shown
   * as such.
   *
   * @throws MalformedTraceException if a line is too long or holds a zero byte
   */
  @Nullable String next() throws IOException {
    int length = 0;
    long start = offset;
    while (true) {
      int b = in.read();
      if (b < 0) {
        return length == 0 ? null : text(length);
      }
      offset++;
      if (b == '\n') {
        return text(length);
      }
      if (b == 0 || length == MAX_BYTES) {
        throw new MalformedTraceException(
            file,
            "is no text of ftrace: the line at byte "
                + start
                + (b == 0 ? " holds a zero byte" : " is longer than " + MAX_BYTES + " bytes"));
      }
      line[length++] = (byte) b;
    }
  }

  private String text(int length) {
    boolean carriageReturn = length > 0 && line[length - 1] == '\r';
    return new String(line, 0, carriageReturn ? length - 1 : length, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
