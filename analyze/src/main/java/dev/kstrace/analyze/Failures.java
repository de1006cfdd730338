package dev.kstrace.analyze;

import org.jspecify.annotations.Nullable;

/** The callback-layer allocates of one allocator that gave NULL. Not thread-safe. */
final class Failures {
  /** The first that came while fewer than Frames were out. */
  @Nullable Long firstSeq;

  /** How many came while fewer than Frames were out. */
  long belowLimit;

  /** Length of the longest row of failures with no success between. */
  long longestRow;

  /** From the first to the last failure of that row, in ns. */
  long longestRowNs;

  /** The failure that began that row. */
  long longestRowSeq;

  private long successesBefore = -1;
  private long row;
  private long rowStart;
  private long rowSeq;

  /**
   * Takes a failure.
   *
   * @param successes successful allocates so far, by which a success between is known
   * @param outstanding frames that are out
   * @param limit Frames; 0 = no requirement
   */
  void add(long seq, long time, long successes, int outstanding, long limit) {
    if (limit == 0 || outstanding < limit) {
      belowLimit++;
      firstSeq = firstSeq == null ? Long.valueOf(seq) : firstSeq;
    }
    if (successes != successesBefore) {
      successesBefore = successes;
      row = 0;
      rowStart = time;
      rowSeq = seq;
    }
    row++;
    if (row > longestRow) {
      longestRow = row;
      longestRowNs = time - rowStart;
      longestRowSeq = rowSeq;
    }
  }
}
