package dev.kstrace.analyze.report;

import java.util.Arrays;
import java.util.Collection;

/** When certain events were, and when the events before them. Not thread-safe. */
final class Seen {
  /** Time of an event that is not in the trace. */
  static final long NEVER = -1;

  private final long[] keys;
  private final long[] times;
  private final long[] before;

  /** To look out for some {@code seq}. */
  Seen(Collection<Long> seqs) {
    keys = seqs.stream().mapToLong(Long::longValue).distinct().sorted().toArray();
    times = new long[keys.length];
    before = new long[keys.length];
    Arrays.fill(times, NEVER);
    Arrays.fill(before, NEVER);
  }

  /** Takes a row; of rows with the same {@code seq} the first counts. */
  void note(long seq, long time, long previousTime) {
    int i = Arrays.binarySearch(keys, seq);
    if (i >= 0 && times[i] == NEVER) {
      times[i] = time;
      before[i] = previousTime;
    }
  }

  /** Whether it is looked for. */
  boolean isWanted(long seq) {
    return Arrays.binarySearch(keys, seq) >= 0;
  }

  /** Time of an event, or {@link #NEVER}. */
  long time(long seq) {
    int i = Arrays.binarySearch(keys, seq);
    return i < 0 ? NEVER : times[i];
  }

  /** Time of the event before it, or {@link #NEVER}. */
  long before(long seq) {
    int i = Arrays.binarySearch(keys, seq);
    return i < 0 ? NEVER : before[i];
  }
}
