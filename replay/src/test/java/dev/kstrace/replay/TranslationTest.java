package dev.kstrace.replay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Recorded contexts and frames become the target's own, by generation. */
class TranslationTest {
  private static final String MADE =
      "1 initialize pin=0x10 context=0xA status=STATUS_SUCCESS framing={frames=2 size=0x1000}\n";

  @Test
  void followsAnAddressThroughItsGenerations() {
    ScriptedTarget target = new ScriptedTarget().returning(0x11000, 0x22000, 0x33000);
    Replays.run(
        MADE
            + """
            2 allocate context=0xA frame=0x5000
            3 free context=0xA frame=0x5000
            4 allocate context=0xA frame=0x5000
            5 allocate context=0xA frame=0x6000
            6 free context=0xA frame=0x6000
            7 free context=0xA frame=0x5000
            8 delete context=0xA
            """,
        target);
    assertThat(target.calls)
        .containsExactly(
            "initialize 0x10 frames=2",
            "allocate 0xc1",
            "free 0xc1 0x11000",
            "allocate 0xc1",
            "allocate 0xc1",
            "free 0xc1 0x33000",
            "free 0xc1 0x22000",
            "delete 0xc1");
  }

  @Test
  void givesAContextThatIsIssuedAgainToTheNewerAllocator() {
    ScriptedTarget target = new ScriptedTarget();
    Replays.run(
        MADE
            + """
            2 delete context=0xA
            3 initialize pin=0x10 context=0xA status=STATUS_SUCCESS
            4 allocate context=0xA frame=0x5000
            5 free context=0xA frame=0x5000
            6 delete context=0xA
            """,
        target);
    assertThat(target.calls)
        .endsWith(
            "delete 0xc1",
            "initialize 0x10 frames=0",
            "allocate 0xc2",
            "free 0xc2 0xf1000",
            "delete 0xc2");
  }

  @Test
  void givesAContextOfTwoLiveAllocatorsToTheNewestLiveOne() {
    ScriptedTarget target = new ScriptedTarget();
    Replays.run(
        MADE
            + """
            2 initialize pin=0x20 context=0xA status=STATUS_SUCCESS
            3 allocate context=0xA frame=0x5000
            4 delete context=0xA
            5 allocate context=0xA frame=0x6000
            6 delete context=0xA
            7 allocate context=0xA frame=0x7000
            """,
        target);
    assertThat(target.calls.subList(2, 7))
        .containsExactly(
            "allocate 0xc2", "delete 0xc2", "allocate 0xc1", "delete 0xc1", "allocate 0xc1");
  }

  @Test
  void neverMapsTheContextOfAFailedInitialize() {
    ScriptedTarget target = new ScriptedTarget().answering(0xC000009A, 0);
    Replays.run(
        """
        1 initialize pin=0x10 context=0xA status=STATUS_INSUFFICIENT_RESOURCES
        2 initialize pin=0x10 context=0xB status=STATUS_SUCCESS
        3 allocate context=0xA frame=0x0
        """,
        target);
    assertThat(target.calls).endsWith("allocate 0xa");
  }

  @Test
  void movesAnUnknownContextAwayFromTheTargetsOwn() {
    ScriptedTarget target = new ScriptedTarget().contextsFrom(0xDD);
    Replays.run(MADE + "2 allocate context=0xDD frame=0x0\n", target);
    assertThat(target.calls.get(1)).startsWith("allocate ").isNotEqualTo("allocate 0xdd");
  }

  @Test
  void keepsTheFramesOfAnAllocatorThatNobodySawBeingMade() {
    ScriptedTarget target = new ScriptedTarget();
    Replays.run(
        """
        7 allocate context=0xA frame=0x5000
        8 free context=0xA frame=0x5000
        """,
        target);
    assertThat(target.calls).containsExactly("allocate 0xa", "free 0xa 0xf1000");
  }

  @Test
  void presentsTheRecordedSurroundingsOfEachCall() {
    ScriptedTarget target = new ScriptedTarget();
    target.environment = true;
    Replays.run(
        """
        1 initialize t=100..110 thread=4 irql=0 pin=0x10 context=0xA status=STATUS_SUCCESS
        2 allocate t=200..210 thread=4294967295 irql=2 context=0xA frame=0x5000
        3 free t=300 context=0xA frame=0x5000
        """,
        target);
    assertThat(target.calls)
        .contains("thread=4 irql=0 t=100", "thread=-1 irql=2 t=200", "thread=0 irql=0 t=300");
  }

  @Test
  void tellsClientCallsInTheTargetsWordsWithoutMakingThem() {
    ScriptedTarget target = new ScriptedTarget();
    Replays.Result result =
        Replays.run(
            MADE
                + """
                2 allocate context=0xA frame=0x5000
                3 allocate irp_method context=0xA frame=0x5000 size=512 status=STATUS_SUCCESS
                4 free function_table context=0xA frame=0x5000 irql=2
                5 free function_table frame=0x9000
                """,
            target);
    assertThat(target.calls).hasSize(2);
    assertThat(result.lines().subList(2, 5))
        .containsExactly(
            "3 allocate irp_method t=3000..3500 context=0xc1 frame=0xf1000 size=4096"
                + " status=STATUS_SUCCESS",
            "4 free function_table t=4000..4500 irql=2 context=0xc1 frame=0xf1000",
            "5 free function_table t=5000..5500 frame=0x9000");
  }

  @Test
  void copiesContextEventsAndUnknownOperations() {
    String text =
        """
        1 pin_create none t=1000..1500 pin=0x10 detail={"name":"capture"}
        2 pin_state none t=2000 pin=0x10 detail={"from":0,"to":1}
        3 op#77 callback t=3000 context=0xa frame=0x5000
        4 op#78 layer#9 t=4000
        5 events_lost none t=5000 detail={"count":3}
        6 trace_end none t=6000 thread=3 irql=0>1\
        """;
    Replays.Result result = Replays.run(text, new ScriptedTarget());
    assertThat(String.join("\n", result.lines())).isEqualTo(text);
    assertThat(result.report().calls()).isZero();
  }
}
