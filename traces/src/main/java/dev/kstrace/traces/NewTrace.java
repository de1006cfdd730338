package dev.kstrace.traces;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A trace made of other traces, which appears when it is whole: see {@link NewFile}. Not
 * thread-safe.
 */
public final class NewTrace implements Closeable {
  private final NewFile file;
  private final TraceWriter writer;
  private boolean done;

  private NewTrace(NewFile file, TraceWriter writer) {
    this.file = file;
    this.writer = writer;
  }

  /**
   * Begins a trace beside the place where it will be.
   *
   * @param file where it will be
   * @param metadata stored in the schema
   * @param overwrite whether an existing file is replaced
   * @throws java.nio.file.FileAlreadyExistsException if the file exists and {@code overwrite} is
   *     false
   * @throws IOException if the folder cannot be written to
   */
  public static NewTrace create(Path file, TraceMetadata metadata, boolean overwrite)
      throws IOException {
    NewFile begun = NewFile.create(file, overwrite);
    try {
      return new NewTrace(begun, TraceWriter.create(begun.part(), metadata, true));
    } catch (IOException | RuntimeException e) {
      begun.close();
      throw e;
    }
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
    file.commit();
    done = true;
  }

  /** Forgets a trace that was not committed. */
  @Override
  public void close() throws IOException {
    if (!done) {
      writer.abort();
      file.close();
    }
  }
}
