package dev.kstrace.analyze.report;

import java.util.Arrays;

/** Durations in ns, for exact quantiles and a histogram of logarithmic bins. Not thread-safe. */
public final class Durations {
  /** Bins of each power of two. */
  public static final int BINS_PER_OCTAVE = 4;

  private static final int SMALLEST = 16;

  private long[] values = new long[0];
  private int size;
  private boolean sorted;

  void add(long value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, Math.max(SMALLEST, size + (size >> 1)));
    }
    values[size++] = value;
    sorted = false;
  }

  void addAll(Durations other) {
    values = Arrays.copyOf(values, size + other.size);
    System.arraycopy(other.values, 0, values, size, other.size);
    size += other.size;
    sorted = false;
  }

  /** How many there are. */
  public int size() {
    return size;
  }

  /**
   * The smallest value that at least so many percent of all do not exceed: {@code quantile_disc} of
   * SQL.
   *
   * @param percent 1 to 100; 100 = the greatest
   * @throws IllegalStateException if there are no values
   */
  public long quantile(int percent) {
    if (size == 0) {
      throw new IllegalStateException("no values");
    }
    sort();
    return values[(int) Math.max(0, ((long) size * percent + 99) / 100 - 1)];
  }

  private void sort() {
    if (!sorted) {
      Arrays.sort(values, 0, size);
      sorted = true;
    }
  }

  /** How many values lie in each bin; negative ones in the first. */
  public int[] bins() {
    int[] bins = new int[bin(Long.MAX_VALUE) + 1];
    for (int i = 0; i < size; i++) {
      bins[bin(values[i])]++;
    }
    return bins;
  }

  /** The bin of a value: below 4 ns one for each, then four for each power of two. */
  static int bin(long value) {
    if (value < BINS_PER_OCTAVE) {
      return (int) Math.max(0, value);
    }
    int octave = Long.SIZE - 1 - Long.numberOfLeadingZeros(value);
    int quarter = (int) (value >>> (octave - 2)) & (BINS_PER_OCTAVE - 1);
    return (octave - 1) * BINS_PER_OCTAVE + quarter;
  }
}
