package dev.kstrace.analyze;

import java.util.Arrays;

/**
 * From an address to a small number, without objects: open addressing, linear probing, no removal.
 *
 * <p>Not thread-safe.
 */
final class AddressMap {
  /** What {@link #get} answers for an address that was never put. */
  static final int ABSENT = -1;

  private long[] keys;
  private int[] values;
  private int size;

  AddressMap() {
    keys = new long[16];
    values = new int[16];
    Arrays.fill(values, ABSENT);
  }

  int get(long key) {
    int mask = keys.length - 1;
    for (int i = hash(key) & mask; values[i] != ABSENT; i = (i + 1) & mask) {
      if (keys[i] == key) {
        return values[i];
      }
    }
    return ABSENT;
  }

  void put(long key, int value) {
    int mask = keys.length - 1;
    int i = hash(key) & mask;
    while (values[i] != ABSENT) {
      if (keys[i] == key) {
        values[i] = value;
        return;
      }
      i = (i + 1) & mask;
    }
    keys[i] = key;
    values[i] = value;
    size++;
    if (size * 2 > keys.length) {
      grow();
    }
  }

  /** All values, in no particular but always the same order for the same history. */
  int[] values() {
    int[] present = new int[size];
    int count = 0;
    for (int value : values) {
      if (value != ABSENT) {
        present[count++] = value;
      }
    }
    return present;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldValues = values;
    keys = new long[2 * oldKeys.length];
    values = new int[2 * oldValues.length];
    Arrays.fill(values, ABSENT);
    size = 0;
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldValues[i] != ABSENT) {
        put(oldKeys[i], oldValues[i]);
      }
    }
  }

  private static int hash(long key) {
    long h = key * 0x9E3779B97F4A7C15L;
    return (int) (h >>> 32);
  }
}
