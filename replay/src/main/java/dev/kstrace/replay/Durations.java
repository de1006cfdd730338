package dev.kstrace.replay;

/**
 * Many durations in little memory: percentiles are right to 1/32 of their value, the maximum is
 * exact. Not thread-safe.
 */
final class Durations {
  /** Values below 2^5 have a bucket each; above, each power of two has 2^5. */
  private static final int BITS = 5;

  private final long[] buckets = new long[(64 - BITS) << BITS];
  private long count;
  private long max;

  /** Adds a duration in ns; what is below 0 counts as 0. */
  void add(long ns) {
    long value = Math.max(0, ns);
    buckets[bucket(value)]++;
    count++;
    max = Math.max(max, value);
  }

  private static int bucket(long value) {
    int shift = Math.max(0, 63 - BITS - Long.numberOfLeadingZeros(value | 1));
    return (shift << BITS) + (int) (value >>> shift);
  }

  /** What there is of them. */
  Spread spread() {
    return new Spread(count, percentile(0.5), percentile(0.99), max);
  }

  private long percentile(double part) {
    long wanted = Math.max(1, (long) Math.ceil(part * count));
    long seen = 0;
    for (int i = 0; i < buckets.length; i++) {
      seen += buckets[i];
      if (seen >= wanted) {
        return Math.min(max, highest(i));
      }
    }
    return max;
  }

  /** The highest value of a bucket. */
  private static long highest(int bucket) {
    int shift = Math.max(0, (bucket >>> BITS) - 1);
    long value = bucket - ((long) shift << BITS);
    return ((value + 1) << shift) - 1;
  }
}
