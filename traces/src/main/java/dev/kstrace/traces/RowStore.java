package dev.kstrace.traces;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Copies of rows that come and go: each keeps its place until it is removed. Costs no objects per
 * row. Not thread-safe.
 */
final class RowStore {
  /** What stands for no row. */
  static final int NONE = -1;

  private static final int CHUNK = 1 << 8;

  private final List<EventBatch> chunks = new ArrayList<>();
  private long[] order = new long[CHUNK];
  private int[] vacant = new int[16];
  private int vacantCount;
  private int end;

  /** Rows that are kept. */
  int size() {
    return end - vacantCount;
  }

  /**
   * Keeps a copy of a row.
   *
   * @param place where it belongs among the others
   * @return its number
   */
  int add(EventBatch batch, int row, long place) {
    int number = vacantCount > 0 ? vacant[--vacantCount] : end++;
    if (number == order.length) {
      order = Arrays.copyOf(order, 2 * number);
    }
    if (number / CHUNK == chunks.size()) {
      chunks.add(new EventBatch(CHUNK));
    }
    chunks.get(number / CHUNK).copy(number % CHUNK, batch, row);
    order[number] = place;
    return number;
  }

  /** Removes a row; {@link #NONE} is no row. */
  void remove(int number) {
    if (number == NONE) {
      return;
    }
    if (vacantCount == vacant.length) {
      vacant = Arrays.copyOf(vacant, 2 * vacantCount);
    }
    vacant[vacantCount++] = number;
    order[number] = -1;
    // Lets go of the objects that the row holds.
    chunks.get(number / CHUNK).begin(number % CHUNK, 0, 0, 0, 0);
  }

  /** Removes a row, if there is one, and keeps a copy of another. */
  int replace(int number, EventBatch batch, int row, long place) {
    remove(number);
    return add(batch, row, place);
  }

  /** The numbers of all rows by ascending place. */
  int[] inOrder() {
    Integer[] numbers = new Integer[size()];
    int count = 0;
    for (int number = 0; number < end; number++) {
      if (order[number] >= 0) {
        numbers[count++] = number;
      }
    }
    Arrays.sort(numbers, java.util.Comparator.comparingLong(number -> order[number]));
    return Arrays.stream(numbers).mapToInt(Integer::intValue).toArray();
  }

  /** The place of a row among the others. */
  long place(int number) {
    return order[number];
  }

  /** The frame address of a row. */
  long frame(int number) {
    return chunks.get(number / CHUNK).frame(number % CHUNK);
  }

  /** Copies a row. */
  void copyTo(EventBatch target, int targetRow, int number) {
    target.copy(targetRow, chunks.get(number / CHUNK), number % CHUNK);
  }
}
