package dev.kstrace.capture;

import dev.kstrace.traces.EventBatch;
import java.io.Closeable;
import java.io.IOException;

/** Where drained events go: the trace file, or a test's stand-in. Used by one thread at a time. */
interface EventSink extends Closeable {
  /** Stores {@code rows} events from {@code fromRow} on, as one unit on disk. */
  void write(EventBatch batch, int fromRow, int rows) throws IOException;

  /** Closes what is open after a failure, without an orderly end. */
  default void abort() throws IOException {
    close();
  }
}
