package dev.kstrace.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.traces.NtStatus;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each way in which a target may differ is found at its event and named. */
class DivergenceTest {
  private static final String MADE =
      "1 initialize irql=0 pin=0x10 context=0xA status=STATUS_SUCCESS framing={frames=2}\n";

  @Test
  void findsNoneWhereTheTargetDoesAsRecorded() {
    Replays.Result result =
        Replays.run(
            MADE
                + """
                2 allocate irql=0 context=0xA frame=0x5000
                3 free irql=2 context=0xA frame=0x5000
                4 delete irql=0 context=0xA
                """,
            new ScriptedTarget());
    assertThat(result.report().diverged()).isFalse();
    assertThat(result.report().divergences()).isEmpty();
    assertThat(result.report().calls()).isEqualTo(4);
    assertThat(result.report().same()).isEqualTo(4);
  }

  @Test
  void findsAnotherStatus() {
    Replays.Result result =
        Replays.run(MADE, new ScriptedTarget().answering(NtStatus.INSUFFICIENT_RESOURCES));
    assertThat(result.divergences()).containsExactly("status@1");
    assertThat(result.report().divergences().get(0).text())
        .isEqualTo(
            "seq 1 initialize context=0xa: recorded STATUS_SUCCESS, target"
                + " STATUS_INSUFFICIENT_RESOURCES (status)");
  }

  @Test
  void leavesOutTheCallsOfAnAllocatorThatTheTargetRefused() {
    ScriptedTarget target = new ScriptedTarget().answering(NtStatus.INSUFFICIENT_RESOURCES);
    Replays.Result result =
        Replays.run(
            MADE
                + """
                2 allocate context=0xA frame=0x5000
                3 free irp_method context=0xA frame=0x5000
                4 free context=0xA frame=0x5000
                5 delete context=0xA
                """,
            target);
    assertThat(target.calls).hasSize(1);
    assertThat(result.divergences())
        .containsExactly("status@1", "skipped@2", "skipped@4", "skipped@5");
    assertThat(result.report().leftOut()).isEqualTo(4);
    assertThat(result.lines().get(1))
        .isEqualTo(
            "2 mark none t=2000..2500 detail={\"text\":\"replay left out allocate: its allocator"
                + " does not exist in the target\",\"op\":\"allocate\"}");
    assertThat(result.events()).extracting("seq").containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  @Test
  void findsNullInPlaceOfAFrameAndLeavesOutItsFree() {
    ScriptedTarget target = new ScriptedTarget().returning(0);
    Replays.Result result =
        Replays.run(
            MADE
                + """
                2 allocate context=0xA frame=0x5000
                3 free context=0xA frame=0x5000
                """,
            target);
    assertThat(target.calls).hasSize(2);
    assertThat(result.divergences()).containsExactly("nullness@2", "skipped@3");
    assertThat(result.report().divergences().get(0).got()).isEqualTo("returned NULL");
  }

  @Test
  void findsAFrameInPlaceOfNullAndGivesItBack() {
    ScriptedTarget target = new ScriptedTarget();
    Replays.Result result =
        Replays.run(
            MADE
                + """
                2 allocate t=20..30 thread=7 irql=0 context=0xA frame=0
                3 delete context=0xA
                """,
            target);
    assertThat(result.divergences()).containsExactly("nullness@2");
    assertThat(result.report().extraCalls()).isEqualTo(1);
    assertThat(result.lines().subList(1, 4))
        .containsExactly(
            "2 allocate callback t=20..30 thread=7 irql=0 context=0xc1 frame=0xf1000 size=4096",
            "3 free callback t=30..30 thread=7 irql=0 context=0xc1 frame=0xf1000",
            "4 delete callback t=3000..3500 context=0xc1");
  }

  @Test
  void deletesAnAllocatorThatTheRecordingCouldNotMake() {
    ScriptedTarget target = new ScriptedTarget();
    Replays.Result result =
        Replays.run("1 initialize pin=0x10 context=0xA status=0xC000009A\n", target);
    assertThat(result.divergences()).containsExactly("status@1");
    assertThat(target.calls).containsExactly("initialize 0x10 frames=0", "delete 0xc1");
    assertThat(result.events()).extracting("seq").containsExactly(1L, 2L);
  }

  @Test
  void findsAnAddressHandedOutTwice() {
    Replays.Result result =
        Replays.run(
            MADE
                + """
                2 allocate context=0xA frame=0x5000
                3 allocate context=0xA frame=0x6000
                """,
            new ScriptedTarget().returning(0x11000, 0x11000));
    assertThat(result.divergences()).containsExactly("alias@3");
    assertThat(result.report().divergences().get(0).text())
        .isEqualTo(
            "seq 3 allocate context=0xa: recorded 0x6000 never used before, target returned"
                + " 0x11000 still in use, last handed out by allocation 1 (alias)");
  }

  @Test
  void findsAFreshAddressWhereTheRecordingHasOneTwice() {
    Replays.Result result =
        Replays.run(
            MADE
                + """
                2 allocate context=0xA frame=0x5000
                3 allocate context=0xA frame=0x5000
                """,
            new ScriptedTarget());
    assertThat(result.divergences()).containsExactly("alias@3");
  }

  @Test
  void findsNoAliasAcrossADeletedAllocator() {
    Replays.Result result =
        Replays.run(
            MADE
                + """
                2 allocate context=0xA frame=0x5000
                3 delete context=0xA
                4 initialize pin=0x10 context=0xA status=STATUS_SUCCESS
                5 allocate context=0xA frame=0x5000
                """,
            new ScriptedTarget().returning(0x11000, 0x11000));
    assertThat(result.divergences()).isEmpty();
  }

  @Test
  void findsAnotherIrqlAtReturn() {
    Replays.Result result =
        Replays.run(MADE + "2 allocate irql=0>2 context=0xA frame=0x5000\n", new ScriptedTarget());
    assertThat(result.divergences()).containsExactly("irql@2");
    assertThat(result.lines().get(1)).contains(" irql=0 ");
    assertThat(result.report().divergences().get(0).text())
        .endsWith("recorded return at DISPATCH_LEVEL, target returned at PASSIVE_LEVEL (irql)");
  }

  @Test
  void writesTheIrqlThatTheTargetLeft() {
    Replays.Result result =
        Replays.run(
            MADE + "2 allocate irql=0 context=0xA frame=0x5000\n",
            new ScriptedTarget().leavingIrql(2));
    assertThat(result.divergences()).containsExactly("irql@1", "irql@2");
    assertThat(result.lines().get(1)).contains(" irql=0>2 ");
  }

  @Test
  void comparesNoIrqlThatEitherSideDoesNotKnow() {
    String text = MADE + "2 allocate context=0xA frame=0x5000\n";
    assertThat(Replays.run(text, new ScriptedTarget().leavingIrql(-1)).divergences()).isEmpty();
    Replays.Result result = Replays.run(MADE, new ScriptedTarget().leavingIrql(-1));
    assertThat(result.lines().get(0)).contains(" irql=0>? ");
  }

  @Test
  void callsAnotherReuseInformationOnly() {
    Replays.Result result =
        Replays.run(
            MADE
                + """
                2 allocate context=0xA frame=0x5000
                3 allocate context=0xA frame=0x6000
                4 free context=0xA frame=0x5000
                5 free context=0xA frame=0x6000
                6 allocate context=0xA frame=0x6000
                """,
            new ScriptedTarget().returning(0x11000, 0x22000, 0x11000));
    assertThat(result.divergences()).containsExactly("reuse@6");
    assertThat(result.report().diverged()).isFalse();
    assertThat(result.report().same()).isEqualTo(6);
    assertThat(result.report().divergences().get(0).got())
        .isEqualTo("returned 0x11000 free again, last handed out by allocation 1");
  }

  @Test
  void showsTheFirstDivergenceInFullWithWhatCameBefore() {
    StringBuilder text = new StringBuilder(MADE);
    for (int seq = 2; seq < 40; seq++) {
      text.append(seq).append(" mark detail={}\n");
    }
    text.append("40 allocate context=0xA frame=0\n41 mark\n");
    FirstDivergence first = Replays.run(text.toString(), new ScriptedTarget()).report().first();
    assertThat(first).isNotNull();
    assertThat(first.divergence().seq()).isEqualTo(40);
    assertThat(first.recorded())
        .isEqualTo("40 allocate callback t=40000..40500 context=0xa frame=0x0");
    assertThat(first.replayed())
        .isEqualTo("40 allocate callback t=40000..40500 context=0xc1 frame=0xf1000 size=4096");
    assertThat(first.before()).hasSize(20);
    assertThat(first.before().get(0)).startsWith("20 mark");
    assertThat(first.before().get(19)).startsWith("39 mark");
  }

  @Test
  void countsAllAndKeepsAsManyOfEachKindAsAllowed() {
    String text =
        MADE
            + """
            2 allocate irql=0>1 context=0xA frame=0
            3 allocate irql=0>1 context=0xA frame=0
            4 allocate irql=0>1 context=0xA frame=0
            """;
    Replays.Result result =
        Replays.run(text, new ScriptedTarget(), new ReplayOptions(false, 2, Map.of()));
    assertThat(result.divergences())
        .containsExactly("irql@2", "nullness@2", "irql@3", "nullness@3");
    assertThat(result.report().count(DivergenceKind.IRQL)).isEqualTo(3);
    assertThat(result.report().count(DivergenceKind.NULLNESS)).isEqualTo(3);
    assertThat(result.report().same()).isEqualTo(1);
    ReplayReport none =
        Replays.run(text, new ScriptedTarget(), new ReplayOptions(false, 0, Map.of())).report();
    assertThat(none.divergences()).isEmpty();
    assertThat(none.first()).isNotNull();
  }

  @Test
  void stopsAtTheFirstIfAsked() {
    ScriptedTarget target = new ScriptedTarget();
    Replays.Result result =
        Replays.run(
            MADE + "2 allocate context=0xA frame=0\n3 delete context=0xA\n4 trace_end\n",
            target,
            ReplayOptions.DEFAULTS.stoppingAtFirst());
    assertThat(target.calls).doesNotContain("delete 0xc1");
    assertThat(result.report().events()).isEqualTo(2);
    assertThat(result.lines()).hasSize(3).last().asString().startsWith("3 free");
  }
}
