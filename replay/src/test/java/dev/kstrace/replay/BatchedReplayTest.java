package dev.kstrace.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that travel in batches come to the same as calls that are made one by one. */
class BatchedReplayTest {
  private static final TraceMetadata METADATA = TraceMetadata.of(Map.of());

  private static void requireTheSame(List<TraceEvent> events, MoodyTarget near, MoodyTarget far) {
    Replays.Result expected = Replays.run(events, METADATA, near, ReplayOptions.DEFAULTS, 100);
    Replays.Result got =
        Replays.run(events, METADATA, new DistantTarget(far, 64), ReplayOptions.DEFAULTS, 100);
    assertThat(got.lines()).isEqualTo(expected.lines());
    assertThat(got.report()).isEqualTo(expected.report());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 30})
  void comesToTheSameAsOneByOne(int wrong) {
    for (long seed = 1; seed <= 60; seed++) {
      List<TraceEvent> events = FaultyRecordings.make(seed, 400, wrong);
      requireTheSame(events, new MoodyTarget(seed, false), new MoodyTarget(seed, false));
      requireTheSame(events, new MoodyTarget(seed, true), new MoodyTarget(seed, true));
    }
  }

  @Test
  void diesInTheSameCall() {
    for (int calls = 1; calls < 300; calls += 7) {
      List<TraceEvent> events = FaultyRecordings.make(calls, 200, 5);
      requireTheSame(
          events,
          new MoodyTarget(1, false).dyingAfter(calls),
          new MoodyTarget(1, false).dyingAfter(calls));
    }
  }

  @Test
  void sendsManyCallsAtOnceWhereTheTargetDoesAsRecorded() {
    List<TraceEvent> events = new ArrayList<>();
    for (int seq = 1; seq <= 4_001; seq++) {
      Op op = seq == 1 ? Op.INITIALIZE : seq % 2 == 0 ? Op.ALLOCATE : Op.FREE;
      TraceEvent.Builder event = TraceEvent.of(seq, op, Layer.CALLBACK, seq).context(0xAL);
      events.add((seq == 1 ? event.status(0) : event.frame(0x5000L)).build());
    }
    DistantTarget target = new DistantTarget(new ScriptedTarget(), 4096);
    ReplayReport report =
        Replays.run(events, METADATA, target, ReplayOptions.DEFAULTS, 4096).report();
    assertThat(report.calls()).isEqualTo(4_001);
    assertThat(report.diverged()).isFalse();
    // 256, 512, 1024, ...: the first answers come soon, and few more are needed.
    assertThat(target.rounds).isBetween(3, 8);
  }
}
