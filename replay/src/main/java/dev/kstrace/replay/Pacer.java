package dev.kstrace.replay;

/**
 * Makes each call wait for its time, counted from the first one. Not thread-safe.
 *
 * <p>The thread sleeps for all but the last few microseconds, for which it would oversleep, and
 * spins through those: a replay at the pace of a device leaves the processor to others.
 */
final class Pacer {
  private static final long SPIN_NS = 50_000;

  private final Pace pace;
  private final Durations late = new Durations();
  private boolean started;
  private long firstRecorded;
  private long firstReal;

  Pacer(Pace pace) {
    this.pace = pace;
  }

  /** Waits until an event is due that was recorded at this time, in ns. */
  void await(long recordedNs) {
    long now = pace.clock().getAsLong();
    if (!started) {
      started = true;
      firstRecorded = recordedNs;
      firstReal = now;
    }
    long due = firstReal + (long) ((recordedNs - firstRecorded) / pace.speed());
    while (now - due < 0) {
      if (due - now > SPIN_NS) {
        pace.waiter().park(due - now - SPIN_NS);
      } else {
        Thread.onSpinWait();
      }
      now = pace.clock().getAsLong();
    }
    late.add(now - due);
  }

  /** How late calls were made. */
  Spread lateness() {
    return late.spread();
  }
}
