package dev.kstrace.capture.sim;

/**
 * SplitMix64: seeded numbers that are the same on every machine and for ever. Not thread-safe.
 *
 * <p>Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
 */
public final class SplitMix {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private long state;

  /** A generator; equal seeds give equal numbers. */
  public SplitMix(long seed) {
    state = seed;
  }

  /** A generator for one purpose, independent of those for others. */
  public static SplitMix of(long seed, long purpose) {
    return new SplitMix(mix(seed + GAMMA * (purpose + 1)));
  }

  /** The next number: any of 64 bits. */
  public long next() {
    state += GAMMA;
    return mix(state);
  }

  /** 0 to {@code bound - 1}. */
  public int below(int bound) {
    return (int) Long.remainderUnsigned(next(), bound);
  }

  /** {@code low} to {@code high}, both included. */
  public long between(long low, long high) {
    return low + Long.remainderUnsigned(next(), high - low + 1);
  }

  /** True once in so many times. */
  public boolean oneIn(int bound) {
    return below(bound) == 0;
  }

  /** The finalizer: scatters the bits of a number. */
  public static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
