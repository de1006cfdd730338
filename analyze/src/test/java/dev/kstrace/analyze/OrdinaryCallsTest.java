package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The short way must lead to the same facts as the long one. */
class OrdinaryCallsTest {
  private static final int SEEDS = 1500;
  private static final int EVENTS = 60_000;

  @TempDir Path dir;

  @Test
  void randomTracesGiveTheSameFactsBothWays() {
    long calls = 0;
    long spared = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      RandomTraces.Trace trace = seed % 2 == 0 ? RandomTraces.of(seed) : RandomTraces.wild(seed);
      List<EventBatch> batches = batches(trace.events(), 1 + (int) seed % 9);
      assertThat(facts(trace, batches, OrdinaryCallsTest::prepared))
          .as("seed %d", seed)
          .isEqualTo(facts(trace, batches, PreparedBatch::new));
      calls += told(trace, batches, false);
      spared += told(trace, batches, false) - told(trace, batches, true);
    }
    assertThat(spared).as("calls that went the short way, of %d", calls).isGreaterThan(calls / 5);
  }

  @ParameterizedTest
  @EnumSource
  void longTracesGiveTheSameFactsBothWaysAndGoTheShortOne(LargeTraceGenerator.Shape shape)
      throws IOException {
    Path file = dir.resolve("long.arrow");
    LargeTraceGenerator.write(file, shape, EVENTS, 3);
    RandomTraces.Trace trace;
    try (TraceReader reader = TraceReader.open(file)) {
      trace = new RandomTraces.Trace(reader.metadata(), Traces.read(file));
    }
    List<EventBatch> batches = batches(trace.events(), 1000);

    assertThat(facts(trace, batches, OrdinaryCallsTest::prepared))
        .isEqualTo(facts(trace, batches, PreparedBatch::new));
    assertThat(told(trace, batches, true)).isLessThan(EVENTS / 100);
  }

  private static List<EventBatch> batches(List<TraceEvent> events, int rows) {
    List<EventBatch> batches = new ArrayList<>();
    for (int from = 0; from < events.size(); from += rows) {
      EventBatch batch = new EventBatch(rows);
      events.subList(from, Math.min(events.size(), from + rows)).forEach(batch::add);
      batches.add(batch);
    }
    return batches;
  }

  private static PreparedBatch prepared(EventBatch events) {
    PreparedBatch batch = new PreparedBatch(events);
    batch.prepare();
    return batch;
  }

  private interface Preparation {
    PreparedBatch of(EventBatch events);
  }

  /**
   * All that a pass leaves behind, table by table; a batch that is not prepared goes the long way.
   */
  private static Map<String, List<String>> facts(
      RandomTraces.Trace trace, List<EventBatch> batches, Preparation preparation) {
    OutstandingCurves curves = new OutstandingCurves();
    Collector collector =
        new Collector(trace.metadata(), new Inputs(), FrameHistory.empty(), curves);
    Tracker tracker = collector.tracker();
    for (EventBatch batch : batches) {
      tracker.accept(preparation.of(batch));
    }
    collector.finish();
    int losses = tracker.lossEpoch();
    Map<String, List<String>> facts = new LinkedHashMap<>();
    facts.put("suspects", text(collector.suspects));
    facts.put("unfreed", text(collector.unfreed));
    facts.put("steps", text(collector.suspectSteps));
    facts.put("disorder", text(collector.disorder));
    facts.put(
        "allocators",
        text(tracker.allocators().stream().map(a -> AllocatorRows.row(a, losses)).toList()));
    facts.put("pins", text(tracker.pins().stream().map(PinRows::row).toList()));
    facts.put("runs", text(collector.runs().stream().map(RunRows::row).toList()));
    facts.put("windows", text(collector.runs().stream().flatMap(RunRows::windows).toList()));
    facts.put(
        "waiters",
        text(collector.waiters.all().stream().map(w -> WaiterRows.row(w, losses)).toList()));
    facts.put("curves", curves.finish(tracker.lastTime()).stream().map(String::valueOf).toList());
    facts.put(
        "totals",
        List.of(
            tracker.events()
                + " "
                + Arrays.toString(tracker.countByOp())
                + tracker.firstTime()
                + " "
                + tracker.lastTime()
                + tracker.endsWithTraceEnd()
                + collector.kernelAddresses
                + collector.oddAddresses));
    return facts;
  }

  private static List<String> text(Collection<Object[]> rows) {
    return rows.stream().map(Arrays::toString).toList();
  }

  /** How many calls a tracker tells of one by one. */
  private static long told(RandomTraces.Trace trace, List<EventBatch> batches, boolean spares) {
    long[] told = new long[1];
    Tracker tracker =
        new Tracker(
            trace.metadata(),
            new TrackerSink() {
              @Override
              public boolean sparesOrdinary() {
                return spares;
              }

              @Override
              public void call(CallFacts call) {
                told[0]++;
              }
            });
    batches.forEach(tracker::accept);
    return told[0];
  }
}
