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
  private final AtomicBoolean busy = new AtomicBoolean();
  private final Consumer<Throwable> reporter;
  private volatile @Nullable Throwable failure;

  /** The {@code seq} up to which the sink has everything. */
  private volatile long flushedSeq;

  /** Rows before this position are in {@link #batch} or further; guarded by {@link #busy}. */
  private long taken;

  /** Rows on their way from the ring into the sink; guarded by {@link #busy}. */
  private final EventBatch batch;

  /**
   * A drain of a ring that is still empty.
   *
   * @param reporter told of the failure that ends the recording, once
   */
  RingDrain(EventRing ring, EventSink sink, Consumer<Throwable> reporter) {
    this.ring = ring;
    this.sink = sink;
    this.reporter = reporter;
    batch = new EventBatch(Math.min(TraceWriter.BATCH_ROWS, ring.capacity() / 2));
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
    return ring.tail() - ring.head() >= batch.capacity();
  }

  /** Writes whole batches of finished rows, if nobody else is at it. */
  void writeBatches() {
    if (busy.compareAndSet(false, true)) {
      try {
        take(ring.tail(), false);
      } finally {
        busy.set(false);
      }
    }
  }

  /** Writes all that can be written, calls that have not returned included. */
  void writeAll() {
    if (busy.compareAndSet(false, true)) {
      try {
        take(ring.tail(), true);
        write();
      } finally {
        busy.set(false);
      }
    }
  }

  /** Writes the finished rows; only for the one background thread. */
  void writeFinished() {
    take(ring.tail(), false);
    write();
  }

  /** Position of the first unfinished row as of now; only for the one background thread. */
  long unfinished() {
    take(ring.tail(), false);
    return taken;
  }

  /**
   * Lets go of calls that do not return: writes their rows, as far as they are before {@code end};
   * only for the one background thread.
   */
  void writeUnreturned(long end) {
    take(end, true);
    writeFinished();
  }

  /**
   * Empties a closed ring for good; rows whose producer does not publish them within a second
   * become {@code events_lost} rows. No other thread may drain any more.
   */
  void finish(long now) {
    awaitProducer();
    write();
    while (taken < ring.tail() && failure == null) {
      ring.addStalled(batch, taken, now);
      taken++;
      awaitProducer();
      write();
    }
  }

  /** Writes rows that are not of the ring. */
  void writeEnd(EventBatch rows) {
    if (rows.rows() > 0 && failure == null) {
      store(rows);
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
    take(ring.tail(), true);
    while (taken < ring.tail() && waited < STALLED_PRODUCER_NANOS) {
      LockSupport.parkNanos(1_000_000);
      waited += 1_000_000;
      take(ring.tail(), true);
    }
  }

  /** Takes finished rows in the order of the ring, and writes each batch that is full. */
  private void take(long end, boolean unreturned) {
    while (taken < end && failure == null && isReady(taken, unreturned)) {
      int row = batch.rows();
      ring.rows().moveTo(batch, row, ring.slot(taken), EventRing.seq(taken));
      batch.setRows(row + 1);
      taken++;
      if (batch.isFull()) {
        write();
      }
    }
  }

  private boolean isReady(long position, boolean unreturned) {
    return ring.isDone(position) || (unreturned && ring.takeEntered(position));
  }

  private void write() {
    if (batch.rows() > 0 && failure == null) {
      store(batch);
      if (failure == null) {
        batch.clear();
        ring.release(taken);
      }
    }
  }

  /** An interrupted thread would find its file channel closed, so the interrupt waits. */
  private void store(EventBatch rows) {
    boolean interrupted = Thread.interrupted();
    try {
      sink.write(rows);
      flushedSeq = rows.seq(rows.rows() - 1);
    } catch (Throwable e) {
      fail(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
