package dev.kstrace.traces;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Where the values of some rows end, in a column of texts or lists.
 *
 * <p>Such columns are as rare as their values are long: most rows end where the row before ends. So
 * rows are looked at where the offset changes, and the stretches between are compared at the speed
 * of memory. Not thread-safe.
 */
final class Offsets {
  /** Rows that are looked at one by one, before it pays to compare many at once. */
  private static final int FEW = 16;

  private final Column column;
  private final ByteSource source;
  private final int width;
  private ByteBuffer copy = ByteBuffer.allocate(0);
  private ByteBuffer view = copy;
  private int count;

  /**
   * The offsets of a column.
   *
   * @param large whether they have 64 bits
   */
  Offsets(Column column, ByteSource source, boolean large) {
    this.column = column;
    this.source = source;
    this.width = large ? Long.BYTES : Integer.BYTES;
  }

  /**
   * Takes the next rows and checks that their offsets rise from {@code last} and end at {@code end}
   * at most.
   */
  void next(int rows, long last, long end, ByteBuffer scratch) throws IOException {
    load(rows, scratch);
    long before = last;
    for (int row = nextChange(0, before); row < rows; row = nextChange(row + 1, before)) {
      long offset = at(row);
      if (offset < before || offset > end) {
        throw new EOFException(
            "column "
                + column.columnName()
                + " has offset "
                + offset
                + ", expected "
                + before
                + " to "
                + end);
      }
      before = offset;
    }
  }

  private void load(int rows, ByteBuffer scratch) throws IOException {
    int bytes = Math.multiplyExact(rows, width);
    count = rows;
    if (source.isInMemory()) {
      view = source.next(bytes, scratch);
      return;
    }
    if (copy.capacity() < bytes) {
      copy = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
    source.read(copy.clear().limit(bytes));
    view = copy;
  }

  /** Where the value of a row ends. */
  long at(int row) {
    return width == Long.BYTES ? view.getLong(row * width) : view.getInt(row * width);
  }

  /** The first row, from one on, whose offset is another one; the number of rows if none is. */
  int nextChange(int from, long offset) {
    int row = from;
    int looked = Math.min(count, from + FEW);
    while (row < looked && at(row) == offset) {
      row++;
    }
    if (row < looked || row == count) {
      return row;
    }
    // All rows up to this one are equal; so are the next where each equals the one before it.
    int first = (row - 1) * width;
    int bytes = (count - row) * width;
    int mismatch = view.slice(first, bytes).mismatch(view.slice(first + width, bytes));
    return mismatch < 0 ? count : row + mismatch / width;
  }
}
