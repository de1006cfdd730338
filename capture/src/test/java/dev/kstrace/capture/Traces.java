package dev.kstrace.capture;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads whole traces for tests. */
public final class Traces {
  private Traces() {}

  /** All events of a trace. */
  public static List<TraceEvent> read(Path file) throws IOException {
    List<TraceEvent> events = new ArrayList<>();
    EventBatch batch = new EventBatch(4096);
    try (TraceReader reader = TraceReader.open(file)) {
      while (reader.read(batch)) {
        for (int row = 0; row < batch.rows(); row++) {
          events.add(batch.event(row));
        }
      }
    }
    return events;
  }

  static List<Op> ops(List<TraceEvent> events) {
    return events.stream().map(event -> Op.of(event.op())).toList();
  }
}
