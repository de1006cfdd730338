package dev.kstrace.analyze.report;

import java.util.Arrays;

/**
 * A number that changes over time, in a limited room: exact as long as it fits, then one point for
 * each stretch of time in which it changed, with the least and the greatest of its values there.
 * Peaks survive. Not thread-safe.
 */
public final class StepSeries {
  private static final int SMALLEST = 16;

  private final int most;
  private int shift;
  private int size;
  private long[] bucket = new long[SMALLEST];
  private int[] low = new int[SMALLEST];
  private int[] high = new int[SMALLEST];
  private int[] last = new int[SMALLEST];

  /**
   * No points.
   *
   * @param most how many it may hold, at least 2
   */
  StepSeries(int most) {
    this.most = most;
  }

  /**
   * Takes a change.
   *
   * @param time since the begin of the trace, in ns, not negative; one before that of the change
   *     before counts as that
   */
  void add(long time, int value) {
    long at = time >>> shift;
    if (size > 0 && at <= bucket[size - 1]) {
      merge(size - 1, value, value, value);
      return;
    }
    if (size == most) {
      coarsen(most / 2);
      add(time, value);
      return;
    }
    append(at, value, value, value);
  }

  private void append(long at, int least, int greatest, int value) {
    if (size == bucket.length) {
      int length = 2 * size;
      bucket = Arrays.copyOf(bucket, length);
      low = Arrays.copyOf(low, length);
      high = Arrays.copyOf(high, length);
      last = Arrays.copyOf(last, length);
    }
    bucket[size] = at;
    low[size] = least;
    high[size] = greatest;
    last[size] = value;
    size++;
  }

  private void merge(int i, int least, int greatest, int value) {
    low[i] = Math.min(low[i], least);
    high[i] = Math.max(high[i], greatest);
    last[i] = value;
  }

  /** Doubles the stretches until at most so many points, at least 1, are left. */
  void coarsen(int points) {
    while (size > points) {
      shift++;
      int old = size;
      size = 0;
      for (int i = 0; i < old; i++) {
        long at = bucket[i] >>> 1;
        if (size > 0 && bucket[size - 1] == at) {
          merge(size - 1, low[i], high[i], last[i]);
        } else {
          append(at, low[i], high[i], last[i]);
        }
      }
    }
  }

  /** Points. */
  public int size() {
    return size;
  }

  /** Length of the stretches, ns, a power of two; 1 = every change is there. */
  public long widthNs() {
    return 1L << shift;
  }

  /** When a stretch begins, in units of {@link #widthNs} since the begin of the trace. */
  public long at(int i) {
    return bucket[i];
  }

  /** Least of the values that it changed to in a stretch. */
  public int low(int i) {
    return low[i];
  }

  /** Greatest of them. */
  public int high(int i) {
    return high[i];
  }

  /** Its value at the end of a stretch, which it keeps until the next one. */
  public int last(int i) {
    return last[i];
  }
}
