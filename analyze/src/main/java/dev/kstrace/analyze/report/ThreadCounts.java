package dev.kstrace.analyze.report;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Op;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What each thread did. Not thread-safe. */
public final class ThreadCounts {
  /** Place of all events that are no calls, behind the codes of the calls. */
  public static final int OTHER = Op.DELETE.code() + 1;

  private static final long UNKNOWN = -1;

  private final Map<Long, long[]> threads = new HashMap<>();
  private long[] previous = new long[0];
  private long previousThread = -2;

  /**
   * Events of one thread.
   *
   * @param thread null = those whose thread was not recorded
   * @param events by code of the operation; other events at {@link #OTHER}
   */
  public record Counts(@Nullable Long thread, List<Long> events) {
    /** All of them. */
    public long sum() {
      return events.stream().mapToLong(Long::longValue).sum();
    }
  }

  void add(EventBatch batch, int row) {
    long thread =
        batch.has(row, EventBatch.THREAD) ? Integer.toUnsignedLong(batch.thread(row)) : UNKNOWN;
    if (thread != previousThread) {
      previous = threads.computeIfAbsent(thread, key -> new long[OTHER + 1]);
      previousThread = thread;
    }
    int op = batch.op(row);
    previous[op >= Op.INITIALIZE.code() && op < OTHER ? op : OTHER]++;
  }

  /** All threads, the busiest first; equally busy ones by number. */
  public List<Counts> all() {
    return threads.entrySet().stream()
        .map(e -> counts(e.getKey(), e.getValue()))
        .sorted(
            Comparator.comparingLong(Counts::sum)
                .reversed()
                .thenComparing(Counts::thread, Comparator.nullsLast(Comparator.naturalOrder())))
        .toList();
  }

  private static Counts counts(long thread, long[] events) {
    return new Counts(
        thread == UNKNOWN ? null : Long.valueOf(thread), Arrays.stream(events).boxed().toList());
  }
}
