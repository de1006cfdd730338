package dev.kstrace.capture;

import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The producers' side of the ring, which every recorded event goes through: claim a position, fill
 * its row, publish it. Throws nothing and allocates nothing; waits only where the host asked for it
 * ({@link OnFull}). Thread-safe.
 */
final class RecordingPath {
  private static final long ROOM_POLL_NANOS = 50_000;

  private final EventRing ring;
  private final RingDrain drain;
  private final GuardedEnvironment environment;
  private final boolean inline;
  private final boolean waitWhenFull;
  private final boolean exitTimes;

  /** Events that came after a failure had stopped the recording. */
  private final AtomicLong unrecorded = new AtomicLong();

  RecordingPath(
      EventRing ring, RingDrain drain, GuardedEnvironment environment, RecorderOptions options) {
    this.ring = ring;
    this.drain = drain;
    this.environment = environment;
    inline = options.writesInline();
    waitWhenFull = options.blocks();
    exitTimes = options.exitTimes();
  }

  EventRing ring() {
    return ring;
  }

  /** What surrounds the calls; throws nothing. */
  GuardedEnvironment environment() {
    return environment;
  }

  boolean recordsExitTimes() {
    return exitTimes;
  }

  long unrecorded() {
    return unrecorded.get();
  }

  /** Claims a position for an event; negative where it is not recorded. */
  long claim(long now) {
    long position = ring.claim(now, !inline && !waitWhenFull);
    if (position >= 0) {
      return position;
    }
    if (position == EventRing.FULL && (inline || waitWhenFull)) {
      position = claimLater(now);
    }
    if (position == EventRing.CLOSED && drain.failure() != null) {
      unrecorded.incrementAndGet();
    }
    return position;
  }

  private long claimLater(long now) {
    long position = EventRing.FULL;
    while (position == EventRing.FULL && waitWhenFull) {
      if (inline) {
        drain.writeAll();
      } else {
        LockSupport.parkNanos(ROOM_POLL_NANOS);
      }
      position = ring.claim(now, false);
    }
    if (position == EventRing.FULL) {
      drain.writeAll();
      position = ring.claim(now, true);
    }
    return position;
  }

  /**
   * Resets the row of a claimed position, for the thread that calls.
   *
   * @param irqlEntry -1 = unknown
   * @return the row's place in the ring
   */
  int begin(long position, Op op, Layer layer, long entryNanos, int irqlEntry) {
    int slot = ring.slot(position);
    RingRows rows = ring.rows();
    rows.begin(slot, op.code(), layer.code(), entryNanos);
    int thread = environment.thread();
    if (thread != -1) {
      rows.setThread(slot, thread);
    }
    if (irqlEntry >= 0) {
      rows.setIrqlEntry(slot, irqlEntry);
    }
    return slot;
  }

  /** Makes a row visible to the writer. */
  void publish(long position) {
    ring.done(position);
    if (inline && drain.isDue()) {
      drain.writeBatches();
    }
  }
}
