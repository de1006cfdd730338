package dev.kstrace.capture;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceWriter;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The consumer's side of the ring: moves finished rows into the sink.
 *
 * <p>One thread at a time drains, whoever wins {@link #busy}; nobody waits for it. The first
 * failure of the sink closes the ring and is kept, so that the host goes on without a recorder.
 */
final class RingDrain {
  private static final long STALLED_PRODUCER_NANOS = 1_000_000_000;

  private final EventRing ring;
  private final EventSink sink;
  private final int batchRows;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final Consumer<Throwable> reporter;
  private volatile @Nullable Throwable failure;

  /** The {@code seq} up to which the sink has everything. */
  private volatile long flushedSeq;

  /** Rows before this position are finished; guarded by {@link #busy}. */
  private long ready;

  /**
   * A drain of a ring that is still empty.
   *
   * @param reporter told of the failure that ends the recording, once
   */
  RingDrain(EventRing ring, EventSink sink, Consumer<Throwable> reporter) {
    this.ring = ring;
    this.sink = sink;
    this.reporter = reporter;
    this.batchRows = Math.min(TraceWriter.BATCH_ROWS, ring.capacity() / 2);
  }

  @Nullable Throwable failure() {
    return failure;
  }

  /** The {@code seq} up to which the sink has everything; 0 = nothing yet. */
  long flushedSeq() {
    return flushedSeq;
  }

  /** Whether whole batches may be waiting; cheap, for the recording path. */
  boolean isDue() {
    return ring.tail() - ring.head() >= batchRows;
  }

  /** Writes whole batches of finished rows, if nobody else is at it. */
  void writeBatches() {
    if (busy.compareAndSet(false, true)) {
      try {
        scan(false);
        while (ready - ring.head() >= batchRows && failure == null) {
          write(ring.head() + batchRows);
        }
      } finally {
        busy.set(false);
      }
    }
  }

  /** Writes all that can be written, calls that have not returned included. */
  void writeAll() {
    if (busy.compareAndSet(false, true)) {
      try {
        scan(true);
        write(ready);
      } finally {
        busy.set(false);
      }
    }
  }

  /** Writes the finished rows; only for the one background thread. */
  void writeFinished() {
    if (busy.compareAndSet(false, true)) {
      try {
        scan(false);
        write(ready);
      } finally {
        busy.set(false);
      }
    }
  }

  /** Position of the first unfinished row as of now; only for the one background thread. */
  long unfinished() {
    scan(false);
    return ready;
  }

  /**
   * Lets go of calls that do not return: writes their rows, as far as they are before {@code end}.
   */
  void writeUnreturned(long end) {
    while (ready < end && (ring.isDone(ready) || ring.takeEntered(ready))) {
      ready++;
    }
    writeFinished();
  }

  /**
   * Empties a closed ring for good; rows whose producer does not publish them within a second
   * become {@code events_lost} rows. No other thread may drain any more.
   */
  void finish(EventBatch scratch, long now) {
    while (failure == null) {
      awaitProducer();
      write(ready);
      if (ready == ring.tail() || failure != null) {
        return;
      }
      ring.fillStalled(scratch, ready, now);
      writeScratch(scratch, 1);
      ready++;
      ring.release(ready);
    }
  }

  /** Writes rows that are not of the ring. */
  void writeScratch(EventBatch scratch, int rows) {
    if (failure == null) {
      store(scratch, 0, rows);
    }
  }

  /** Closes the sink, in order only if nothing failed. */
  void closeSink() {
    try {
      if (failure == null) {
        sink.close();
      } else {
        sink.abort();
      }
    } catch (Throwable e) {
      fail(e);
      release();
    }
  }

  private void release() {
    try {
      sink.abort();
    } catch (Throwable e) {
      // The first failure is the one to be told.
    }
  }

  /** Keeps and reports the first failure, and stops recording. */
  void fail(Throwable e) {
    ring.close();
    if (failure == null) {
      failure = e;
      reporter.accept(e);
    }
  }

  private void awaitProducer() {
    long waited = 0;
    scan(true);
    while (ready < ring.tail() && waited < STALLED_PRODUCER_NANOS) {
      LockSupport.parkNanos(1_000_000);
      waited += 1_000_000;
      scan(true);
    }
  }

  private void scan(boolean takeEntered) {
    long tail = ring.tail();
    while (ready < tail && (ring.isDone(ready) || (takeEntered && ring.takeEntered(ready)))) {
      ready++;
    }
  }

  private void write(long end) {
    long from = ring.head();
    while (from < end && failure == null) {
      int slot = ring.slot(from);
      int rows = (int) Math.min(Math.min(end - from, batchRows), ring.capacity() - slot);
      ring.rows().number(slot, rows, EventRing.seq(from));
      store(ring.rows(), slot, rows);
      if (failure == null) {
        ring.rows().forgetObjects(slot, rows);
        from += rows;
        ring.release(from);
      }
    }
  }

  /** An interrupted thread would find its file channel closed, so the interrupt waits. */
  private void store(EventBatch batch, int from, int rows) {
    boolean interrupted = Thread.interrupted();
    try {
      sink.write(batch, from, rows);
      flushedSeq = batch.seq(from + rows - 1);
    } catch (Throwable e) {
      fail(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
