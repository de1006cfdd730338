package dev.kstrace.analyze;

/**
 * A set of addresses in a fixed space (a Bloom filter): it may seem to hold an address that it was
 * not given, but never lacks one that it was. Not thread-safe.
 */
final class AddressFilter {
  private final long[] words;
  private final int shift;

  /**
   * An empty set.
   *
   * @param bits its space, a power of two and at least 128; with four bits for each address that it
   *     is given it errs in one of six questions, with sixteen in one of fifty
   */
  AddressFilter(int bits) {
    words = new long[bits / Long.SIZE];
    shift = Long.SIZE - Integer.numberOfTrailingZeros(words.length);
  }

  void add(long address) {
    long hash = hash(address);
    words[word(hash)] |= mask(hash);
  }

  /** Whether an address may have been added; false is sure. */
  boolean mayContain(long address) {
    long hash = hash(address);
    long mask = mask(hash);
    return (words[word(hash)] & mask) == mask;
  }

  private static long hash(long address) {
    long mixed = (address ^ (address >>> 29)) * 0xBF58476D1CE4E5B9L;
    return mixed ^ (mixed >>> 32);
  }

  private int word(long hash) {
    return (int) ((hash * 0x9E3779B97F4A7C15L) >>> shift);
  }

  /** Two bits of one word, so that an address costs one fetch from memory and not two. */
  private static long mask(long hash) {
    return (1L << hash) | (1L << (hash >>> 6));
  }
}
