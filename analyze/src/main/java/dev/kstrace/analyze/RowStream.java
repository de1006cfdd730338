package dev.kstrace.analyze;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One scan of a table, from its first row to its last. Not thread-safe. */
interface RowStream extends AutoCloseable {
  /**
   * Moves to the next rows.
   *
   * @param most how many rows may be offered at once, at least 1
   * @return how many rows are there now; 0 = the end
   */
  int next(int most) throws IOException;

  /** Copies one column of the rows that {@link #next} offered. */
  void write(int column, VectorSink sink, int rows);

  @Override
  default void close() throws IOException {}

  /** A scan over rows in memory; values are Long, Boolean, String or null. */
  static RowStream of(List<@Nullable Object[]> all) {
    return new RowStream() {
      private int at;
      private int end;

      @Override
      public int next(int most) {
        at = end;
        end = Math.min(all.size(), at + most);
        return end - at;
      }

      @Override
      public void write(int column, VectorSink sink, int rows) {
        for (int row = 0; row < rows; row++) {
          Object value = all.get(at + row)[column];
          if (value == null) {
            sink.putNull(row);
          } else if (value instanceof Long number) {
            sink.put(row, number.longValue());
          } else if (value instanceof Boolean flag) {
            sink.put(row, flag.booleanValue());
          } else {
            sink.put(row, (String) value);
          }
        }
      }
    };
  }
}
