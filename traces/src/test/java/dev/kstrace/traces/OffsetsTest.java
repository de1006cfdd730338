package dev.kstrace.traces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OffsetsTest {
  private static final int ROWS = 3_000;

  /** Stretches of any length, so that both ways of looking for the next change are taken. */
  @ParameterizedTest
  @CsvSource({"1, true", "2, true", "3, false", "4, false", "5, false"})
  void findsEveryChange(int seed, boolean large) throws IOException {
    Random random = new Random(seed);
    long[] expected = new long[ROWS];
    for (int row = 1, left = 0; row < ROWS; row++) {
      left = left == 0 ? random.nextInt(random.nextBoolean() ? 3 : 200) : left - 1;
      expected[row] = expected[row - 1] + (left == 0 ? random.nextInt(70_000) : 0);
    }
    Offsets offsets = offsets(expected, large);
    ByteBuffer scratch = ByteBuffer.allocate(ByteSource.CHUNK);
    long last = 0;
    for (int from = 0; from < ROWS; ) {
      int rows = Math.min(ROWS - from, 1 + random.nextInt(700));
      offsets.next(rows, last, expected[ROWS - 1], scratch);
      int change = offsets.nextChange(0, last);
      for (int row = 0; row < rows; row++) {
        assertThat(offsets.at(row)).as("row %d", from + row).isEqualTo(expected[from + row]);
        assertThat(change == row).as("row %d", from + row).isEqualTo(expected[from + row] != last);
        if (change == row) {
          last = expected[from + row];
          change = offsets.nextChange(row + 1, last);
        }
      }
      assertThat(change).isEqualTo(rows);
      from += rows;
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 39", "40, 41", "99, 0", "99, 43"})
  void refusesOffsetsThatFallOrLeadOutside(int row, long offset) {
    long[] values = new long[100];
    java.util.Arrays.fill(values, 40);
    values[row] = offset;
    long end = row == 40 ? 40 : 42;
    assertThatThrownBy(
            () -> offsets(values, false).next(100, 40, end, ByteBuffer.allocate(ByteSource.CHUNK)))
        .isInstanceOf(EOFException.class)
        .hasMessage("column detail has offset " + offset + ", expected 40 to " + end);
  }

  private static Offsets offsets(long[] values, boolean large) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      if (large) {
        bytes.putLong(value);
      } else {
        bytes.putInt((int) value);
      }
    }
    return new Offsets(
        Column.DETAIL, new ByteSource.OfMemory(bytes.flip(), 0, bytes.limit()), large);
  }
}
