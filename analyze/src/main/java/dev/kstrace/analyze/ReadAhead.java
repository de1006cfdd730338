package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The batches of a trace, read, checked, decoded and prepared by a thread of its own while the
 * caller works on those before. A small trace is read by the caller. Not thread-safe.
 */
final class ReadAhead implements AutoCloseable {
  /**
   * One that is worked on, one that is filled, and enough that wait for the tracker to go on while
   * the thread that reads has lost its processor to another program.
   */
  private static final int BATCHES = 8;

  /** Below this a thread costs more than it gives. */
  private static final long SMALL_FILE = 1 << 22;

  private final TraceReader trace;
  private final Consumer<EventBatch> work;
  private final BlockingQueue<PreparedBatch> empty = new ArrayBlockingQueue<>(BATCHES);
  private final BlockingQueue<Filled> filled = new ArrayBlockingQueue<>(BATCHES);
  private @Nullable PreparedBatch current;
  private @Nullable Thread thread;
  private boolean ended;

  /** A batch, or how the trace ended: neither, or by a failure. */
  private record Filled(@Nullable PreparedBatch batch, @Nullable Throwable failure) {}

  /** Reads a trace, which stays the caller's to close, after this. */
  ReadAhead(TraceReader trace) {
    this(trace, batch -> {});
  }

  /**
   * Reads a trace, which stays the caller's to close, after this.
   *
   * @param work done with each batch, in the thread that reads, before the caller gets it
   */
  ReadAhead(TraceReader trace, Consumer<EventBatch> work) {
    this.trace = trace;
    this.work = work;
    if (trace.fileBytes() < SMALL_FILE) {
      return;
    }
    for (int i = 0; i < BATCHES; i++) {
      empty.add(room(TraceWriter.BATCH_ROWS));
    }
    Thread reader = new Thread(this::read, "read-ahead");
    reader.setDaemon(true);
    reader.start();
    thread = reader;
  }

  private static PreparedBatch room(int rows) {
    return new PreparedBatch(new EventBatch(rows));
  }

  /**
   * The next rows, valid until the next call; null at the end of the trace.
   *
   * @throws dev.kstrace.traces.MalformedTraceException if the file is damaged here
   * @throws IOException if the file cannot be read
   */
  @Nullable PreparedBatch next() throws IOException {
    PreparedBatch done = current;
    current = null;
    if (ended) {
      return null;
    }
    if (thread == null) {
      PreparedBatch batch = done == null ? room(TraceWriter.BATCH_ROWS / 8) : done;
      current = read(batch) ? batch : null;
    } else {
      if (done != null) {
        empty.add(done);
      }
      current = take();
    }
    ended = current == null;
    return current;
  }

  private @Nullable PreparedBatch take() throws IOException {
    Filled next;
    try {
      next = filled.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while reading " + trace.file());
    }
    Throwable failure = next.failure();
    if (failure instanceof IOException io) {
      throw io;
    }
    if (failure instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    return next.batch();
  }

  private boolean read(PreparedBatch batch) throws IOException {
    boolean more = trace.read(batch.events());
    if (more) {
      batch.prepare();
      work.accept(batch.events());
    }
    return more;
  }

  private void read() {
    try {
      PreparedBatch batch = empty.take();
      while (read(batch)) {
        filled.put(new Filled(batch, null));
        batch = empty.take();
      }
      filled.put(new Filled(null, null));
    } catch (InterruptedException e) {
      // The caller has closed this and wants no more.
    } catch (IOException | RuntimeException | Error e) {
      filled.add(new Filled(null, e));
    }
  }

  /** Stops reading; the trace may then be closed. */
  @Override
  public void close() {
    Thread reader = thread;
    if (reader == null) {
      return;
    }
    reader.interrupt();
    boolean interrupted = false;
    while (reader.isAlive()) {
      try {
        reader.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
