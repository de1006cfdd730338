package dev.kstrace.cli.export;

import dev.kstrace.traces.NewFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;

/** Files that are written as a stream, so that they may be of any length. */
final class OutputStreams {
  private OutputStreams() {}

  /** What is written. */
  @FunctionalInterface
  interface Content {
    /** Writes all of it. The stream throws nothing; whether it failed is looked at afterwards. */
    void writeTo(PrintStream out) throws IOException, SQLException;
  }

  /**
   * Writes a file; text is in UTF-8.
   *
   * @throws OutputException if it cannot be written wholly
   */
  static void write(Path file, Content content) throws IOException, SQLException {
    try (PrintStream out = open(file)) {
      content.writeTo(out);
      if (out.checkError()) {
        throw new OutputException("not all of it could be written; is the disk full?");
      }
    }
  }

  private static PrintStream open(Path file) throws OutputException {
    try {
      return new PrintStream(
          new BufferedOutputStream(NewFile.open(file), 1 << 16), false, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new OutputException(String.valueOf(e.getMessage()), e);
    }
  }
}
