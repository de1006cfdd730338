package dev.kstrace.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.capture.sim.SplitMix;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** A replay that is moved forward and back. */
final class ReplaySessionTest {
  private static final String RECORDING =
      """
      1 initialize thread=1 irql=0 context=0xA status=STATUS_SUCCESS framing={frames=2 size=64}
      2 allocate thread=1 irql=0 context=0xA frame=0x5000
      3 mark
      4 allocate thread=2 irql=0 context=0xA frame=0x6000
      5 free thread=1 irql=0 context=0xA frame=0x5000
      6 initialize thread=1 irql=0 context=0xB status=STATUS_SUCCESS
      7 allocate thread=2 irql=0 context=0xB frame=0x7000
      8 allocate thread=2 irql=0 context=0xB frame=0x0
      9 free thread=2 irql=0 context=0xB frame=0x7000
      10 delete thread=2 irql=0 context=0xA
      11 trace_end
      """;

  private static Recording recording(String text) {
    TraceText.Parsed parsed = Replays.parse(text);
    return Recording.of(parsed.metadata(), parsed.events());
  }

  /** What a session shows at a place. */
  private static List<String> shown(ReplaySession session) {
    List<String> lines = new ArrayList<>();
    session.answer().stream().map(TraceText::format).forEach(lines::add);
    session.frames().forEach(frame -> lines.add(frame.toString()));
    session.allocators().forEach(allocator -> lines.add(allocator.toString()));
    lines.add(session.divergences().toString());
    return lines;
  }

  @Test
  void showsTheSameHoweverAPlaceWasReached() throws IOException {
    Recording recording = recording(RECORDING);
    List<List<String>> forward = new ArrayList<>();
    try (ReplaySession session = new ReplaySession(recording, ScriptedTarget::new)) {
      for (int place = 0; place <= recording.rows(); place++) {
        session.moveTo(place);
        forward.add(shown(session));
      }
    }
    assertThat(forward).doesNotHaveDuplicates();
    SplitMix random = new SplitMix(1);
    AtomicInteger targets = new AtomicInteger();
    Supplier<ReplayTarget> counted =
        () -> {
          targets.incrementAndGet();
          return new ScriptedTarget();
        };
    try (ReplaySession session = new ReplaySession(recording, counted)) {
      for (int i = 0; i < 100; i++) {
        int place = random.below(recording.rows() + 1);
        session.moveTo(place);
        assertThat(session.place()).isEqualTo(place);
        assertThat(shown(session)).as("place %d", place).isEqualTo(forward.get(place));
      }
    }
    assertThat(targets).as("a way back needs no other target").hasValue(1);
  }

  @Test
  void knowsWhatIsOut() throws IOException {
    try (ReplaySession session = new ReplaySession(recording(RECORDING), ScriptedTarget::new)) {
      session.moveTo(7);
      assertThat(session.frames())
          .containsExactly(
              new Standing.Frame(4, 0, 0x6000, 0xF2000, 4096),
              new Standing.Frame(7, 1, 0x7000, 0xF3000, 4096));
      assertThat(session.allocators())
          .extracting(Standing.Allocator::recorded, Standing.Allocator::framesOut)
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple(0xAL, 1L),
              org.assertj.core.groups.Tuple.tuple(0xBL, 1L));
      assertThat(session.answer()).extracting(TraceEvent::frame).containsExactly(0xF3000L);
      assertThat(session.pool()).isEmpty();
    }
  }

  @Test
  void stopsAtADivergence() throws IOException {
    try (ReplaySession session = new ReplaySession(recording(RECORDING), ScriptedTarget::new)) {
      assertThat(session.moveToDivergence(7)).isFalse();
      assertThat(session.place()).isEqualTo(7);
      assertThat(session.moveToDivergence(11)).isTrue();
      assertThat(session.place()).isEqualTo(8);
      assertThat(session.answer()).hasSize(2); // the call, and the free that gives the frame back
      assertThat(session.moveToDivergence(11)).isFalse();
      assertThat(session.place()).isEqualTo(11);
    }
  }

  @Test
  void staysWhereTheTargetDied() throws IOException {
    try (ReplaySession session =
        new ReplaySession(recording(RECORDING), () -> new ScriptedTarget().dyingAfter(3))) {
      session.moveTo(11);
      assertThat(session.place()).isEqualTo(4);
      assertThat(session.death().seq()).isEqualTo(5);
      session.moveTo(2);
      assertThat(session.death()).isNull();
      assertThat(session.place()).isEqualTo(2);
      assertThat(session.frames()).hasSize(1);
      session.moveTo(4);
      assertThat(session.death()).as("nobody asked for the next one").isNull();
      assertThat(session.frames()).hasSize(2);
      session.moveTo(5);
      assertThat(session.death()).isNotNull();
    }
  }
}
