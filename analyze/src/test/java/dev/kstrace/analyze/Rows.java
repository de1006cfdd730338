package dev.kstrace.analyze;

import dev.kstrace.analyze.ManyTraces.Found;
import dev.kstrace.traces.TraceEvent;
import java.util.List;

/** What a plain twin of the rules asks of the rows of a trace, by looking at them. */
final class Rows {
  private static final int EVENTS_LOST = 34;
  private static final int TRACE_END = 35;

  private final List<TraceEvent> events;
  private final boolean completeStart;

  Rows(RandomTraces.Trace trace) {
    events = trace.events();
    completeStart = trace.metadata().completeStart();
  }

  /** Whether events were lost behind one row, up to and with another. */
  boolean lost(int from, int to) {
    for (int row = Math.max(1, from + 1); row <= to; row++) {
      if (events.get(row).op() == EVENTS_LOST
          || events.get(row).seq() != events.get(row - 1).seq() + 1) {
        return true;
      }
    }
    return false;
  }

  /** Whether the last row is a trace_end. */
  boolean isCleanEnd() {
    return !events.isEmpty() && events.get(events.size() - 1).op() == TRACE_END;
  }

  /** Whether nothing is missing. */
  boolean isWhole() {
    return completeStart && isCleanEnd() && !lost(0, events.size() - 1);
  }

  Found found(String rule, Severity severity, boolean certain, int row) {
    return new Found(rule, severity, certain, events.get(row).seq());
  }
}
