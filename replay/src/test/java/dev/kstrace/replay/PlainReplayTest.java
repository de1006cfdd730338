package dev.kstrace.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The quick ways come to the same as the general one: the loop for plain calls, which is taken
 * where nobody gets the rows, and reading ahead, which begins behind the first full batch.
 */
class PlainReplayTest {
  private static final TraceMetadata METADATA = TraceMetadata.of(Map.of());

  private static ReplayEngine.Source source(List<TraceEvent> events) {
    int[] at = {0};
    return into -> {
      into.clear();
      while (!into.isFull() && at[0] < events.size()) {
        into.add(events.get(at[0]++));
      }
      return into.rows() > 0;
    };
  }

  private static ReplayReport withoutRows(
      List<TraceEvent> events, ReplayTarget target, int batchRows) {
    try {
      return new ReplayEngine(ReplayOptions.DEFAULTS, batchRows)
          .run(source(events), METADATA, target, null);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Replays.Result withRows(
      List<TraceEvent> events, MoodyTarget target, int batchRows) {
    return Replays.run(events, METADATA, target, ReplayOptions.DEFAULTS, batchRows);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 30})
  void comesToTheSameWhereNobodyGetsTheRows(int wrong) {
    for (long seed = 1; seed <= 60; seed++) {
      List<TraceEvent> events = FaultyRecordings.make(seed, 400, wrong);
      for (boolean faithful : new boolean[] {false, true}) {
        ReplayReport expected = withRows(events, new MoodyTarget(seed, faithful), 1000).report();
        for (int batchRows : new int[] {7, 1000}) {
          assertThat(withoutRows(events, new MoodyTarget(seed, faithful), batchRows))
              .as("seed=%d, faithful=%b, batchRows=%d", seed, faithful, batchRows)
              .isEqualTo(expected);
          DistantTarget distant = new DistantTarget(new MoodyTarget(seed, faithful), 64);
          assertThat(withoutRows(events, distant, batchRows))
              .as("distant, seed=%d, faithful=%b, batchRows=%d", seed, faithful, batchRows)
              .isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void diesInTheSameCallWhereNobodyGetsTheRows() {
    for (int calls = 1; calls < 300; calls += 7) {
      List<TraceEvent> events = FaultyRecordings.make(calls, 200, 5);
      MoodyTarget target = new MoodyTarget(1, false).dyingAfter(calls);
      ReplayReport expected = withRows(events, target, 1000).report();
      assertThat(withoutRows(events, new MoodyTarget(1, false).dyingAfter(calls), 7))
          .as("dies after %d calls", calls)
          .isEqualTo(expected);

      MoodyTarget far = new MoodyTarget(1, false).dyingAfter(calls);
      assertThat(withoutRows(events, new DistantTarget(far, 64), 7))
          .as("distant, dies after %d calls", calls)
          .isEqualTo(expected);
    }
  }

  @Test
  void comesToTheSameWhereEventsAreReadAhead() {
    for (long seed = 1; seed <= 30; seed++) {
      List<TraceEvent> events = FaultyRecordings.make(seed, 300, 20);
      Replays.Result expected = withRows(events, new MoodyTarget(seed, true), 1000);
      Replays.Result got = withRows(events, new MoodyTarget(seed, true), 13);
      assertThat(got.lines()).as("seed=%d", seed).isEqualTo(expected.lines());
      assertThat(got.report()).as("seed=%d", seed).isEqualTo(expected.report());
    }
  }

  @Test
  void replaysEverythingBeforeThePlaceThatCannotBeRead() {
    List<TraceEvent> events = FaultyRecordings.make(1, 100, 0);
    ReplayEngine.Source good = source(events);
    int[] batches = {0};
    List<TraceEvent> replayed = new ArrayList<>();
    ReplayEngine.Sink sink =
        (batch, from, rows) -> {
          for (int row = from; row < from + rows; row++) {
            replayed.add(batch.event(row));
          }
        };
    ReplayEngine engine = new ReplayEngine(ReplayOptions.DEFAULTS, 10);
    ReplayEngine.Source broken =
        into -> {
          if (++batches[0] == 6) {
            throw new IOException("torn");
          }
          return good.read(into);
        };
    assertThatThrownBy(() -> engine.run(broken, METADATA, new MoodyTarget(1, true), sink))
        .isInstanceOf(IOException.class)
        .hasMessage("torn");
    assertThat(replayed.stream().map(TraceEvent::seq).filter(seq -> seq == 40)).isNotEmpty();
    assertThat(readers()).isEmpty();
  }

  @Test
  void readsNoFurtherOnceTheTargetIsDead() throws IOException {
    List<TraceEvent> events = FaultyRecordings.make(2, 400, 0);
    int[] asked = {0};
    ReplayEngine.Source good = source(events);
    ReplayEngine.Source counting =
        (EventBatch into) -> {
          asked[0]++;
          return good.read(into);
        };
    ReplayReport report =
        new ReplayEngine(ReplayOptions.DEFAULTS, 10)
            .run(counting, METADATA, new MoodyTarget(1, false).dyingAfter(20), null);
    assertThat(report.death()).isNotNull();
    assertThat(asked[0]).isLessThan(10);
    assertThat(readers()).isEmpty();
  }

  private static Set<String> readers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(Thread::getName)
        .filter(name -> name.equals("read-ahead"))
        .collect(Collectors.toSet());
  }
}
