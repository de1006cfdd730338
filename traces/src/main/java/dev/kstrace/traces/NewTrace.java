package dev.kstrace.traces;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A trace made of other traces: it appears under its name only when it is whole, so that a failure
 * neither leaves half a file behind nor costs the file that it would have replaced. Not
 * thread-safe.
 */
public final class NewTrace implements Closeable {
  private final Path file;
  private final Path written;
  private final TraceWriter writer;
  private boolean done;

  private NewTrace(Path file, Path written, TraceWriter writer) {
    this.file = file;
    this.written = written;
    this.writer = writer;
  }

  /**
   * Begins a trace beside the place where it will be.
   *
   * @param file where it will be
   * @param metadata stored in the schema
   * @param overwrite whether an existing file is replaced
   * @throws FileAlreadyExistsException if the file exists and {@code overwrite} is false
   * @throws IOException if the folder cannot be written to
   */
  public static NewTrace create(Path file, TraceMetadata metadata, boolean overwrite)
      throws IOException {
    if (!Files.exists(file)) {
      Path part = beside(file);
      return new NewTrace(file, part, TraceWriter.create(part, metadata, true));
    }
    if (!overwrite) {
      throw new FileAlreadyExistsException(file.toString());
    }
    if (!Files.isRegularFile(file)) {
      // A device or a pipe must be written to, not replaced.
      return new NewTrace(file, file, TraceWriter.create(file, metadata, true));
    }
    Path real = file.toRealPath();
    Path part = beside(real);
    return new NewTrace(real, part, TraceWriter.create(part, metadata, true));
  }

  /** A name of this process alone, so that no file of the user's is taken for a left-over. */
  private static Path beside(Path file) {
    return file.resolveSibling(file.getFileName() + "." + ProcessHandle.current().pid() + ".part");
  }

  /** Where the rows go. */
  public TraceWriter writer() {
    return writer;
  }

  /**
   * Ends the trace and puts it in its place.
   *
   * @throws IOException if that fails; nothing has changed under the file's name then
   */
  public void commit() throws IOException {
    writer.close();
    if (!written.equals(file)) {
      Files.move(written, file, StandardCopyOption.REPLACE_EXISTING);
    }
    done = true;
  }

  /** Forgets a trace that was not committed. */
  @Override
  public void close() throws IOException {
    if (!done) {
      writer.abort();
      if (!written.equals(file)) {
        Files.deleteIfExists(written);
      }
    }
  }
}
