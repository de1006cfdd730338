package dev.kstrace.replay;

import java.util.Arrays;

/**
 * Where the rows of a replayed trace have another {@code seq} than the recorded events that they
 * stand for: behind each row that the recording does not have, all move on by one. Not thread-safe
 * while a replay adds to it.
 */
public final class SeqShifts {
  private long[] at = new long[8];
  private int count;

  SeqShifts() {}

  /** A row is added beside that of a recorded event. */
  void add(long recordedSeq) {
    if (count == at.length) {
      at = Arrays.copyOf(at, count * 2);
    }
    at[count] = recordedSeq + count;
    count++;
  }

  /** By how much the next row has moved on. */
  long current() {
    return count;
  }

  /** The {@code seq} of the recorded event that a replayed row stands for, or beside. */
  public long recorded(long replayedSeq) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(at[middle], replayedSeq) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return replayedSeq - low;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SeqShifts shifts
        && Arrays.equals(at, 0, count, shifts.at, 0, shifts.count);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(Arrays.copyOf(at, count));
  }
}
