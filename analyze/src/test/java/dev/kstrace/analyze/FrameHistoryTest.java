package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.CallFacts.FrameState;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A pass that forgets nearly everything must come to the same facts as one that forgets nothing.
 */
class FrameHistoryTest {
  private static final int SEEDS = 400;

  /** Rows of a batch, at whose begin a pass forgets. */
  private static final int BATCH_ROWS = 3;

  @TempDir Path dir;

  @Test
  void saysTheSameOfWrongFreesWhateverItForgets() throws IOException {
    int passes = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      RandomTraces.Trace trace = seed % 2 == 0 ? RandomTraces.of(seed) : RandomTraces.wild(seed);
      Path file = write(trace);
      List<String> expected = judged(TraceFacts.of(file));
      assertThat(judged(TraceFacts.of(file, 1)))
          .as("seed %d", seed)
          .containsExactlyElementsOf(expected);
      passes += missed(trace).isEmpty() ? 1 : 2;
    }
    assertThat(passes).as("passes over %d traces", SEEDS).isGreaterThan(SEEDS + 20);
  }

  private Path write(RandomTraces.Trace trace) throws IOException {
    Path file = dir.resolve("trace.arrow");
    try (TraceWriter writer = TraceWriter.create(file, trace.metadata(), true)) {
      for (EventBatch batch : batches(trace.events())) {
        writer.write(batch);
      }
    }
    return file;
  }

  private static List<EventBatch> batches(List<TraceEvent> events) {
    List<EventBatch> batches = new ArrayList<>();
    for (int from = 0; from < events.size(); from += BATCH_ROWS) {
      EventBatch batch = new EventBatch(BATCH_ROWS);
      events.subList(from, Math.min(events.size(), from + BATCH_ROWS)).forEach(batch::add);
      batches.add(batch);
    }
    return batches;
  }

  private static Set<Long> missed(RandomTraces.Trace trace) {
    FrameHistory history = new FrameHistory(1, Set.of());
    Collector collector = new Collector(trace.metadata(), new Inputs(), history);
    batches(trace.events()).forEach(collector.tracker()::accept);
    return history.missed();
  }

  /** The suspects without what a forgotten address may lose: which of its frames this is. */
  private static List<String> judged(TraceFacts facts) {
    int op = Tables.CALLS.indexOf("op");
    int state = Tables.CALLS.indexOf("frame_state");
    Set<Object> begins =
        Set.of(FrameState.FRESH.code, FrameState.FREED.code, FrameState.GHOST.code);
    List<String> rows = new ArrayList<>();
    for (Object[] suspect : facts.rows(Tables.named("suspects"))) {
      Object[] row = suspect.clone();
      row[Tables.CALLS.indexOf("generation")] = null;
      if (row[op].equals((long) Op.ALLOCATE.code())
          && row[state] != null
          && begins.contains(row[state])) {
        row[Tables.CALLS.indexOf("related_seq")] = null;
        row[state] = row[state].equals(FrameState.FREED.code) ? FrameState.FRESH.code : row[state];
      }
      rows.add(Arrays.toString(row));
    }
    return rows;
  }
}
