package dev.kstrace.analyze;

/**
 * A set of addresses in a fixed space (a Bloom filter): it may seem to hold an address that it was
 * not given, but never lacks one that it was. Not thread-safe.
 */
final class AddressFilter {
  private final long[] bits;
  private final int shift;

  /**
   * An empty set.
   *
   * @param bits its space, a power of two and at least 64; with four bits for each address that it
   *     is given it errs in one of six questions, with sixteen in one of seventy
   */
  AddressFilter(int bits) {
    this.bits = new long[bits / Long.SIZE];
    this.shift = Long.SIZE - Integer.numberOfTrailingZeros(bits);
  }

  void add(long address) {
    set(first(address));
    set(second(address));
  }

  /** Whether an address may have been added; false is sure. */
  boolean mayContain(long address) {
    return isSet(first(address)) && isSet(second(address));
  }

  private int first(long address) {
    return (int) ((address * 0x9E3779B97F4A7C15L) >>> shift);
  }

  private int second(long address) {
    return (int) (((address ^ (address >>> 29)) * 0xBF58476D1CE4E5B9L) >>> shift);
  }

  private void set(int bit) {
    bits[bit / Long.SIZE] |= 1L << bit;
  }

  private boolean isSet(int bit) {
    return (bits[bit / Long.SIZE] & 1L << bit) != 0;
  }
}
