package dev.kstrace.replay;

import java.util.Arrays;

/** Every change of a {@link TargetBooks}, so that it can be had as it was. Not thread-safe. */
final class BooksLog {
  private static final byte MADE = 0;
  private static final byte REFUSED = 1;
  private static final byte DELETED = 2;
  private static final byte FRAME = 3;

  private int count;
  private byte[] what = new byte[64];
  private int[] number = new int[64];
  private long[] value = new long[64];
  private long[] bytes = new long[64];

  /** How many changes there were. */
  int count() {
    return count;
  }

  void made(int allocator, long context) {
    add(MADE, allocator, context, 0);
  }

  void refused(int allocator) {
    add(REFUSED, allocator, 0, 0);
  }

  void deleted(int allocator) {
    add(DELETED, allocator, 0, 0);
  }

  void frame(int slot, long address, long usable) {
    add(FRAME, slot, address, usable);
  }

  private void add(byte change, int of, long to, long usable) {
    if (count == what.length) {
      what = Arrays.copyOf(what, 2 * count);
      number = Arrays.copyOf(number, 2 * count);
      value = Arrays.copyOf(value, 2 * count);
      bytes = Arrays.copyOf(bytes, 2 * count);
    }
    what[count] = change;
    number[count] = of;
    value[count] = to;
    bytes[count] = usable;
    count++;
  }

  /** The books as they were behind so many changes. */
  TargetBooks behind(int changes) {
    TargetBooks books = new TargetBooks();
    for (int i = 0; i < changes; i++) {
      switch (what[i]) {
        case MADE -> books.made(number[i], value[i]);
        case REFUSED -> books.refused(number[i]);
        case DELETED -> books.delete(number[i]);
        default -> books.setFrame(number[i], value[i], bytes[i]);
      }
    }
    return books;
  }
}
