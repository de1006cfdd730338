package dev.kstrace.capture.sim;

import java.util.Arrays;

/** Addresses, the last one put is the first one taken. Not thread-safe. */
final class LongStack {
  private long[] values = new long[8];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  void push(long value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = value;
  }

  /** The value put last; there has to be one. */
  long pop() {
    return values[--size];
  }
}
