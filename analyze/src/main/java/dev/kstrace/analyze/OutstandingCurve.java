package dev.kstrace.analyze;

import dev.kstrace.analyze.TraceFacts.AllocatorSummary;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * How many frames an allocator had outstanding at its callbacks over the time of a trace. The time
 * is divided into columns of equal length, the same for all allocators of a trace. Immutable.
 *
 * @param allocator whose frames they are
 * @param limit frames that its framing allows; 0 = no limit, or none is known
 * @param peak most frames at once
 * @param left frames that it had when it was deleted, or when the trace ended
 * @param allocates successful allocate calls
 * @param most the most frames at once in each column; {@link #ABSENT} where it did not exist
 */
public record OutstandingCurve(
    AllocatorSummary allocator,
    long limit,
    int peak,
    int left,
    long allocates,
    List<Integer> most) {
  /** A column in which the allocator did not exist. */
  public static final int ABSENT = -1;

  /** What deserves a look first: limits exceeded, frames that stayed, then many calls. */
  static final Comparator<OutstandingCurve> MOST_INTERESTING =
      Comparator.comparing(OutstandingCurve::isOverLimit)
          .thenComparing(OutstandingCurve::left)
          .thenComparing(OutstandingCurve::allocates)
          .reversed()
          .thenComparing(curve -> curve.allocator().allocId());

  /** Whether more frames were outstanding at once than the framing allows. */
  public boolean isOverLimit() {
    return limit > 0 && peak > limit;
  }

  /**
   * The curve in another number of columns. A column shows the most of what it covers, so that a
   * peak survives however short it was.
   *
   * @param columns at least 1
   */
  public int[] most(int columns) {
    int[] drawn = new int[columns];
    Arrays.fill(drawn, ABSENT);
    for (int i = 0; i < columns; i++) {
      int from = (int) ((long) i * most.size() / columns);
      int to = Math.max(from + 1, (int) ((i + 1L) * most.size() / columns));
      for (int j = from; j < to; j++) {
        drawn[i] = Math.max(drawn[i], most.get(j));
      }
    }
    return drawn;
  }
}
