package dev.kstrace.traces;

/**
 * A map from any long, such as an address or a context, to an int of at least 0, without boxing and
 * without removal. Open addressing, at most three eighths full. Not thread-safe.
 */
public final class LongIntMap {
  /** What {@link #get} answers for an absent key. */
  public static final int ABSENT = -1;

  /** A key at an even place, its value and 1 behind it: both in one cache line; 0 = no key. */
  private long[] entries = new long[32];

  private int size;

  /** An empty map. */
  public LongIntMap() {}

  /** The value of a key, or {@link #ABSENT}. */
  public int get(long key) {
    return (int) entries[find(key) + 1] - 1;
  }

  /** Sets the value of a key; {@code value >= 0}. */
  public void put(long key, int value) {
    int at = find(key);
    if (entries[at + 1] == 0) {
      entries[at] = key;
      size++;
    }
    entries[at + 1] = value + 1L;
    if (size > entries.length / 16 * 3) {
      grow();
    }
  }

  /** All values, in an order that depends on the history of the map and on nothing else. */
  public int[] values() {
    int[] present = new int[size];
    int count = 0;
    for (int at = 0; at < entries.length; at += 2) {
      if (entries[at + 1] != 0) {
        present[count++] = (int) entries[at + 1] - 1;
      }
    }
    return present;
  }

  /** Where a key is, or would be. */
  private int find(long key) {
    long[] in = entries;
    int mask = in.length - 2;
    long hash = (key ^ (key >>> 32)) * 0x9E3779B97F4A7C15L;
    int at = (int) (hash >>> 31) & mask;
    while (in[at] != key && in[at + 1] != 0) {
      at = (at + 2) & mask;
    }
    return at;
  }

  private void grow() {
    long[] old = entries;
    entries = new long[old.length * 2];
    for (int from = 0; from < old.length; from += 2) {
      if (old[from + 1] != 0) {
        int at = find(old[from]);
        entries[at] = old[from];
        entries[at + 1] = old[from + 1];
      }
    }
  }
}
