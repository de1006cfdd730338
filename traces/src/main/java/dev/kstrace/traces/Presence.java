package dev.kstrace.traces;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which values of a batch are known, told from the validity bitmaps of its columns for 64 rows at a
 * time: nearly always a column is known in all of them or in none. Not thread-safe.
 */
final class Presence {
  private static final int WORD = Long.SIZE;

  private final List<Nullables> columns = new ArrayList<>();
  private final Map<Column, Nullables> byColumn = new EnumMap<>(Column.class);
  private int always;

  /** One column that may hold nulls. */
  private static final class Nullables {
    final Column column;
    final BitSource validity;
    final int bit;

    /** For each 64 rows a bit: whether one of them is known. */
    long[] known = new long[1];

    Nullables(Column column, BitSource validity) {
      this.column = column;
      this.validity = validity;
      this.bit = EventBatch.bitOf(column);
    }

    boolean isKnown(int word) {
      return (known[word / WORD] >>> word & 1) != 0;
    }
  }

  /**
   * Takes a column.
   *
   * @param validity null = all its values are known
   */
  void put(Column column, @Nullable BitSource validity) {
    if (validity == null) {
      always |= EventBatch.bitOf(column);
    } else {
      Nullables nullables = new Nullables(column, validity);
      columns.add(nullables);
      byColumn.put(column, nullables);
    }
  }

  /**
   * Says of the next rows which values they know.
   *
   * @throws EOFException if one lacks a value that no row may lack
   */
  void next(short[] present, int rows) throws IOException {
    int words = (rows + WORD - 1) / WORD;
    for (Nullables column : columns) {
      column.known = new long[(words + WORD - 1) / WORD];
    }
    for (int word = 0; word < words; word++) {
      nextWord(present, word, Math.min(WORD, rows - word * WORD));
    }
  }

  private void nextWord(short[] present, int word, int rows) throws IOException {
    int from = word * WORD;
    long all = -1L >>> (WORD - rows);
    int inAll = always;
    long mixed = 0;
    int mixedBit = 0;
    int mixedColumns = 0;
    for (int i = 0; i < columns.size(); i++) {
      Nullables column = columns.get(i);
      long known = column.validity.next(rows);
      column.known[word / WORD] |= known == 0 ? 0 : 1L << word;
      if (known == all) {
        inAll |= column.bit;
      } else if (column.bit == 0) {
        throw new EOFException(
            "column " + column.column.columnName() + " holds a null, expected none");
      } else if (known != 0) {
        if (mixedColumns++ > 0) {
          spread(present, from, rows, mixedColumns == 2 ? 0 : -1, mixed, mixedBit);
        }
        mixed = known;
        mixedBit = column.bit;
      }
    }
    if (mixedColumns < 2) {
      for (int k = 0; k < rows; k++) {
        present[from + k] = (short) (inAll | (mixedBit * (int) (mixed >>> k & 1)));
      }
      return;
    }
    for (int k = 0; k < rows; k++) {
      present[from + k] |= (short) (inAll | (mixedBit * (int) (mixed >>> k & 1)));
    }
  }

  private static void spread(short[] present, int from, int rows, int kept, long known, int bit) {
    for (int k = 0; k < rows; k++) {
      present[from + k] = (short) ((present[from + k] & kept) | (bit * (int) (known >>> k & 1)));
    }
  }

  /** The first row, from one on, that lies among 64 of which some know the column. */
  int endOfUnknown(Column column, int from, int rows) {
    Nullables nullables = byColumn.get(column);
    int row = from;
    while (nullables != null && row < rows && !nullables.isKnown(row / WORD)) {
      row = row - row % WORD + WORD;
    }
    return Math.min(row, rows);
  }

  /** The first row, from one on, that lies among 64 of which none knows the column. */
  int endOfKnown(Column column, int from, int rows) {
    Nullables nullables = byColumn.get(column);
    if (nullables == null) {
      return rows;
    }
    int row = from;
    while (row < rows && nullables.isKnown(row / WORD)) {
      row = row - row % WORD + WORD;
    }
    return Math.min(row, rows);
  }
}
