package dev.kstrace.replay;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import org.jspecify.annotations.Nullable;

/** Notes what weakens a recording while its events pass by in file order. Not thread-safe. */
final class RecordingWatch {
  private long events;
  private long lastSeq;
  private boolean ended;
  private boolean overlaps;
  private @Nullable Long firstLoss;
  private boolean timed;
  private long latestExit;

  /** Looks at one event. */
  void see(EventBatch in, int row) {
    long seq = in.seq(row);
    int op = in.op(row);
    if (firstLoss == null) {
      boolean hole = events > 0 && Long.compareUnsigned(seq, lastSeq) > 0 && seq != lastSeq + 1;
      if (hole || op == Op.EVENTS_LOST.code()) {
        firstLoss = seq;
      }
    }
    events++;
    lastSeq = seq;
    ended |= op == Op.TRACE_END.code();
    seeTimes(in, row);
  }

  /**
   * Looks at events one after the other.
   *
   * @param calm whether they are {@link RecordedCalls#areCalm}, and have a return time
   */
  void see(EventBatch in, int from, int to, boolean calm) {
    int row = from;
    if (calm && row < to) {
      see(in, row++);
      if (latestExit == in.tExit(from) && row < to) {
        // Nothing that is still under way; so none of these is anything but one event more.
        events += to - row;
        lastSeq = in.seq(to - 1);
        latestExit = in.tExit(to - 1);
        return;
      }
    }
    for (; row < to; row++) {
      see(in, row);
    }
  }

  /** Looks at an event's times only. */
  void seeTimes(EventBatch in, int row) {
    if (in.layer(row) != Layer.CALLBACK.code()) {
      return;
    }
    // Rows stand in order of effect, so an earlier one always began before a later one ended.
    overlaps |= timed && in.tEntry(row) < latestExit;
    if (in.has(row, EventBatch.T_EXIT) && (!timed || in.tExit(row) > latestExit)) {
      latestExit = in.tExit(row);
      timed = true;
    }
  }

  long events() {
    return events;
  }

  boolean ended() {
    return ended;
  }

  /** Whether two callback-layer calls were inside at the same time. */
  boolean overlaps() {
    return overlaps;
  }

  @Nullable Long firstLoss() {
    return firstLoss;
  }
}
