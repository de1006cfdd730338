package dev.kstrace.replay;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The recorded events that led to one of them: those of its frame and of its allocator. */
final class Story {
  private static final int LINES = 12;

  private Story() {}

  /**
   * The story of an event, that event last: the initialize of its allocator, then the last events
   * of its frame; of an event without a frame those of its allocator.
   *
   * @throws IOException if the recording cannot be read
   */
  static List<String> of(Path recording, long seq) throws IOException {
    TraceEvent end = find(recording, seq);
    if (end == null || end.context() == null) {
      return List.of();
    }
    String birth = null;
    Deque<String> lines = new ArrayDeque<>();
    EventBatch batch = new EventBatch(1024);
    try (TraceReader reader = TraceReader.open(recording)) {
      while (reader.read(batch)) {
        for (int row = 0; row < batch.rows(); row++) {
          TraceEvent event = concerns(batch, row, end) ? batch.event(row) : null;
          if (event != null && Op.of(event.op()) == Op.INITIALIZE) {
            birth = TraceText.format(event);
            lines.clear();
          } else if (event != null) {
            if (lines.size() == LINES) {
              lines.removeFirst();
            }
            lines.addLast(TraceText.format(event));
          }
          if (batch.seq(row) == seq) {
            return story(birth, lines);
          }
        }
      }
    }
    return story(birth, lines);
  }

  private static List<String> story(@Nullable String birth, Deque<String> lines) {
    List<String> all = new ArrayList<>();
    if (birth != null) {
      all.add(birth);
    }
    all.addAll(lines);
    return all;
  }

  private static boolean concerns(EventBatch batch, int row, TraceEvent end) {
    if (batch.layer(row) != Layer.CALLBACK.code()
        || !batch.has(row, EventBatch.CONTEXT)
        || batch.context(row) != Objects.requireNonNull(end.context())) {
      return false;
    }
    Op op = Op.of(batch.op(row));
    if (op == Op.INITIALIZE || op == Op.DELETE || end.frame() == null || end.frame() == 0) {
      return true;
    }
    return batch.has(row, EventBatch.FRAME) && batch.frame(row) == end.frame();
  }

  private static @Nullable TraceEvent find(Path recording, long seq) throws IOException {
    EventBatch batch = new EventBatch(1024);
    try (TraceReader reader = TraceReader.open(recording)) {
      while (reader.read(batch)) {
        for (int row = 0; row < batch.rows(); row++) {
          if (batch.seq(row) == seq) {
            return batch.event(row);
          }
        }
      }
    }
    return null;
  }
}
