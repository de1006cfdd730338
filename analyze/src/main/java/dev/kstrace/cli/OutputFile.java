package dev.kstrace.cli;

import dev.kstrace.traces.NewFile;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A {@link NewFile} that a user named, for text or for whoever writes by name. Not thread-safe. */
final class OutputFile implements Closeable {
  private final NewFile file;
  private @Nullable PrintStream stream;

  private OutputFile(NewFile file) {
    this.file = file;
  }

  /**
   * Begins a file.
   *
   * @param force whether to replace a file of that name
   * @throws UserError if it must not or cannot be written there
   */
  static OutputFile create(Path file, boolean force) {
    try {
      NewFile begun = NewFile.create(file, force);
      if (begun.isWrittenInPlace()) {
        throw UserError.usage("cannot write " + file + ": it is no regular file");
      }
      return new OutputFile(begun);
    } catch (IOException e) {
      throw Failure.output(file, e);
    }
  }

  /** Where the file lies until it is whole; empty so far. */
  Path part() {
    return file.part();
  }

  /** Begins to write text in UTF-8; ask the stream for errors before {@link #commit}. */
  PrintStream open() throws IOException {
    PrintStream opened =
        new PrintStream(
            new BufferedOutputStream(NewFile.open(part()), 1 << 16), false, StandardCharsets.UTF_8);
    stream = opened;
    return opened;
  }

  /**
   * Gives the file its name.
   *
   * @throws IOException if it could not be written wholly; nothing is left then
   */
  void commit() throws IOException {
    PrintStream written = stream;
    if (written != null) {
      written.close();
      if (written.checkError()) {
        throw new IOException("not all of it could be written; is the disk full?");
      }
    }
    file.commit();
  }

  @Override
  public void close() throws IOException {
    PrintStream written = stream;
    if (written != null) {
      written.close();
    }
    file.close();
  }
}
