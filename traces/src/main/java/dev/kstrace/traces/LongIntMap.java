package dev.kstrace.traces;

import java.util.Arrays;

/**
 * A map from any long, such as an address or a context, to an int of at least 0, without boxing and
 * without removal. Open addressing, at most half full. Not thread-safe.
 */
public final class LongIntMap {
  /** What {@link #get} answers for an absent key. */
  public static final int ABSENT = -1;

  private long[] keys;
  private int[] values;
  private int size;

  /** An empty map. */
  public LongIntMap() {
    keys = new long[16];
    values = new int[16];
    Arrays.fill(values, ABSENT);
  }

  /** The value of a key, or {@link #ABSENT}. */
  public int get(long key) {
    return values[slot(key)];
  }

  /** Sets the value of a key; {@code value >= 0}. */
  public void put(long key, int value) {
    int slot = slot(key);
    if (values[slot] == ABSENT) {
      keys[slot] = key;
      size++;
    }
    values[slot] = value;
    if (size > keys.length / 2) {
      grow();
    }
  }

  /** All values, in an order that depends on the history of the map and on nothing else. */
  public int[] values() {
    int[] present = new int[size];
    int count = 0;
    for (int value : values) {
      if (value != ABSENT) {
        present[count++] = value;
      }
    }
    return present;
  }

  private int slot(long key) {
    int mask = keys.length - 1;
    long hash = (key ^ (key >>> 32)) * 0x9E3779B97F4A7C15L;
    int slot = (int) (hash >>> 32) & mask;
    while (values[slot] != ABSENT && keys[slot] != key) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldValues = values;
    keys = new long[oldKeys.length * 2];
    values = new int[oldKeys.length * 2];
    Arrays.fill(values, ABSENT);
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldValues[i] != ABSENT) {
        int slot = slot(oldKeys[i]);
        keys[slot] = oldKeys[i];
        values[slot] = oldValues[i];
      }
    }
  }
}
