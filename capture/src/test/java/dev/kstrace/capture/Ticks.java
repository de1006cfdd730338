package dev.kstrace.capture;

import java.util.concurrent.atomic.AtomicLong;

/** Advances by one at each look, so that the order of looks shows. */
final class Ticks implements CallEnvironment {
  private final AtomicLong now = new AtomicLong(100);

  @Override
  public long nanos() {
    return now.incrementAndGet();
  }

  /** What the last look gave. */
  long last() {
    return now.get();
  }

  @Override
  public int thread() {
    return 7;
  }

  @Override
  public int irql() {
    return 2;
  }
}
