package dev.kstrace.traces;

/** Times of a trace, which may lie anywhere in 64 bits. */
public final class Nanos {
  private Nanos() {}

  /**
   * From one time to another in ns; the largest or least number there is where that is too much.
   */
  public static long between(long from, long to) {
    long ns = to - from;
    boolean overflow = ((to ^ from) & (to ^ ns)) < 0;
    return !overflow ? ns : to < from ? Long.MIN_VALUE : Long.MAX_VALUE;
  }
}
