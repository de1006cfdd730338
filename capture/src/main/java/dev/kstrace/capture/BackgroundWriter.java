package dev.kstrace.capture;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The daemon thread that writes what recording threads left in the ring: whole batches at once, the
 * rest by age, so that a host that hangs or dies leaves all but its last moments on disk.
 *
 * <p>It polls rather than waits to be woken: a wake-up would cost the recording thread a system
 * call.
 */
final class BackgroundWriter {
  private static final long SHORTEST_POLL_NANOS = 500_000;
  private static final long LONGEST_POLL_NANOS = 10_000_000;
  private static final long JOIN_MILLIS = 10_000;

  private final EventRing ring;
  private final RingDrain drain;
  private final long flushNanos;
  private final Thread thread;
  private final Runnable everyFlush;
  private volatile boolean stopping;

  /** Position up to which somebody waits for the rows to be written. */
  private volatile long wanted;

  private long lastWrite;
  private long blockedAt = -1;
  private long blockedSince;
  private long blockedTail;

  /**
   * A writer that is not running yet.
   *
   * @param everyFlush called on the writer's thread about once per flush age; must not throw
   */
  BackgroundWriter(EventRing ring, RingDrain drain, long flushMillis, Runnable everyFlush) {
    this.ring = ring;
    this.everyFlush = everyFlush;
    this.drain = drain;
    this.flushNanos = TimeUnit.MILLISECONDS.toNanos(flushMillis);
    thread = new Thread(this::run, "kstrace-recorder");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Ends the thread; false where it is stuck in the sink and had to be left behind. */
  boolean stop() {
    stopping = true;
    LockSupport.unpark(thread);
    boolean interrupted = Thread.interrupted();
    try {
      thread.join(JOIN_MILLIS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return !thread.isAlive();
  }

  /** Has the rows before a position written soon. */
  void request(long position) {
    wanted = Math.max(wanted, position);
    LockSupport.unpark(thread);
  }

  private void run() {
    long poll = SHORTEST_POLL_NANOS;
    lastWrite = System.nanoTime();
    long lastTurn = lastWrite;
    while (!stopping && drain.failure() == null) {
      long before = ring.head();
      long now = System.nanoTime();
      step(now);
      if (now - lastTurn >= flushNanos) {
        everyFlush.run();
        lastTurn = now;
      }
      boolean busy = ring.head() != before || drain.isDue();
      poll = busy ? SHORTEST_POLL_NANOS : Math.min(2 * poll, LONGEST_POLL_NANOS);
      LockSupport.parkNanos(Math.min(poll, flushNanos));
    }
  }

  private void step(long now) {
    drain.writeBatches();
    if (wanted > ring.head()) {
      drain.writeUnreturned(wanted);
      lastWrite = now;
    }
    long unfinished = drain.unfinished();
    if (unfinished == ring.head()) {
      lastWrite = now;
    } else if (now - lastWrite >= flushNanos) {
      drain.writeFinished();
      lastWrite = now;
    }
    if (unfinished == ring.tail()) {
      blockedAt = -1;
    } else if (blockedAt != unfinished) {
      blockedAt = unfinished;
      blockedSince = now;
      blockedTail = ring.tail();
    } else if (now - blockedSince >= flushNanos) {
      drain.writeUnreturned(blockedTail);
      lastWrite = now;
    }
  }
}
