package dev.kstrace.capture;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceMetadata;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Where drained events go: the trace file, a ring in memory, or a test's stand-in. Used by one
 * thread at a time.
 */
public interface EventSink extends Closeable {
  /**
   * The file, or the ring that becomes one.
   *
   * @param file the trace to write
   * @param metadata what it says about itself
   * @param options whether there is a ring, compression, overwriting
   * @throws java.nio.file.FileAlreadyExistsException if the file exists and may not be replaced
   * @throws IOException if it cannot be written
   */
  static EventSink create(Path file, TraceMetadata metadata, RecorderOptions options)
      throws IOException {
    return options.ringBytes() == 0
        ? TraceSink.create(file, metadata, options)
        : RingSink.create(file, metadata, options);
  }

  /** Stores the rows of a batch, as one unit on disk; the batch is the caller's afterwards. */
  void write(EventBatch batch) throws IOException;

  /** Closes what is open after a failure, without an orderly end. */
  default void abort() throws IOException {
    close();
  }
}
