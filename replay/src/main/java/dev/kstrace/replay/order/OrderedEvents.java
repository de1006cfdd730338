package dev.kstrace.replay.order;

import dev.kstrace.replay.Recording;
import dev.kstrace.replay.ReplayEngine;
import dev.kstrace.traces.EventBatch;
import java.util.Arrays;

/**
 * A recording's events in another order. The event at a place gets the {@code seq} and the entry
 * time of the recorded one there, and ends before the next begins: what it was recorded with would
 * contradict the order. Not thread-safe.
 */
public final class OrderedEvents implements ReplayEngine.Source {
  private final Recording recording;
  private final Order order;
  private final long[] times;
  private int next;

  /** The events from the first one on. */
  public OrderedEvents(Recording recording, Order order) {
    this.recording = recording;
    this.order = order;
    times = new long[recording.rows()];
    for (int row = 0; row < times.length; row++) {
      times[row] = recording.events().tEntry(row);
    }
    Arrays.sort(times);
  }

  @Override
  public boolean read(EventBatch into) {
    into.clear();
    EventBatch events = recording.events();
    while (!into.isFull() && next < times.length) {
      int row = order.row(next);
      int to = into.rows();
      into.setRows(to + 1);
      into.copy(to, events, row);
      into.setSeq(to, events.seq(next));
      into.setTEntry(to, times[next]);
      if (events.has(row, EventBatch.T_EXIT)) {
        long took = Math.max(0, events.tExit(row) - events.tEntry(row));
        long gap = next + 1 < times.length ? times[next + 1] - times[next] : took;
        into.setTExit(to, times[next] + Math.min(took, gap));
      }
      next++;
    }
    return into.rows() > 0;
  }
}
