package dev.kstrace.analyze.report;

import dev.kstrace.traces.Op;

/** How many calls there were in each stretch of the time of a trace. Not thread-safe. */
public final class Rates {
  private static final int BINS = 1200;

  private final long widthNs;
  private final int[][] counts = new int[Op.DELETE.code() + 1][BINS];

  /**
   * No calls.
   *
   * @param durationNs of the trace, not negative
   */
  Rates(long durationNs) {
    widthNs = durationNs / BINS + 1;
  }

  /** Takes a call: initialize, allocate, free or delete, ns since the begin of the trace. */
  void add(int op, long time) {
    counts[op][(int) Math.min(BINS - 1, time / widthNs)]++;
  }

  /** Length of a stretch, ns. */
  public long widthNs() {
    return widthNs;
  }

  /** Calls of an operation by stretch. */
  public int[] counts(Op op) {
    return counts[op.code()].clone();
  }
}
