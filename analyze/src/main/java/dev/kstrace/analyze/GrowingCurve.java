package dev.kstrace.analyze;

import java.util.Arrays;

/**
 * A number over time, drawn while it changes and without knowing for how long: where the columns
 * end two of them become one. Not thread-safe.
 */
final class GrowingCurve {
  /** At least half of them are in use at the end of a trace, which is what a terminal shows. */
  static final int COLUMNS = 128;

  private final int[] most = new int[COLUMNS];
  private int shift;
  private int column;
  private int level;

  /** Begins at 0. */
  GrowingCurve(long ns) {
    Arrays.fill(most, OutstandingCurve.ABSENT);
    while (ns >>> shift >= COLUMNS) {
      shift++;
    }
    column = (int) (ns >>> shift);
    most[column] = 0;
  }

  /**
   * From a time on the number is another.
   *
   * @param ns since the common start; a time before the last one counts as that
   */
  void step(long ns, int number) {
    reach(ns);
    level = number;
    most[column] = Math.max(most[column], number);
  }

  /** The number stays as it is up to a time. */
  void reach(long ns) {
    while (ns >>> shift >= COLUMNS) {
      halve();
    }
    int next = (int) (ns >>> shift);
    while (column < next) {
      most[++column] = level;
    }
  }

  private void halve() {
    for (int i = 0; i < COLUMNS / 2; i++) {
      most[i] = Math.max(most[2 * i], most[2 * i + 1]);
    }
    Arrays.fill(most, COLUMNS / 2, COLUMNS, OutstandingCurve.ABSENT);
    column /= 2;
    shift++;
  }

  /** A column is {@code 1 << shift} ns long. */
  int shift() {
    return shift;
  }

  /**
   * The highest number in each column up to a time.
   *
   * @param wanted length of a column as {@link #shift} gives it, at least the present one
   */
  int[] columns(long ns, int wanted) {
    while (shift < wanted) {
      halve();
    }
    return Arrays.copyOf(most, (int) Math.min(COLUMNS, (ns >>> shift) + 1));
  }
}
