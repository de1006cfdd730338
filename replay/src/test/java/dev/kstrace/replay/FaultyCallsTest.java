package dev.kstrace.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A wrong call is sent as it was recorded and stays wrong in the same way. */
class FaultyCallsTest {
  private static final String TWO =
      """
      1 initialize pin=0x10 context=0xA status=STATUS_SUCCESS framing={frames=2 size=0x1000}
      2 initialize pin=0x20 context=0xB status=STATUS_SUCCESS framing={frames=2 size=0x1000}
      3 allocate context=0xA frame=0x5000
      """;

  /** The calls behind the three that make an allocator 0xc1 with a frame and an allocator 0xc2. */
  private static List<String> sent(String faults) {
    ScriptedTarget target = new ScriptedTarget();
    Replays.Result result = Replays.run(TWO + faults, target);
    assertThat(result.divergences()).isEmpty();
    return target.calls.subList(3, target.calls.size());
  }

  @Test
  void sendsADoubleFree() {
    assertThat(sent("4 free context=0xA frame=0x5000\n5 free context=0xA frame=0x5000\n"))
        .containsExactly("free 0xc1 0xf1000", "free 0xc1 0xf1000");
  }

  @Test
  void sendsAFreeThroughTheWrongAllocatorAndTheRightOneAfterwards() {
    assertThat(sent("4 free context=0xB frame=0x5000\n5 free context=0xA frame=0x5000\n"))
        .containsExactly("free 0xc2 0xf1000", "free 0xc1 0xf1000");
  }

  @Test
  void sendsAnInteriorFreeWithTheSameOffset() {
    assertThat(sent("4 free context=0xA frame=0x5040\n")).containsExactly("free 0xc1 0xf1040");
  }

  @Test
  void measuresTheInteriorByTheRecordedSizeBeforeTheFraming() {
    ScriptedTarget target = new ScriptedTarget();
    Replays.run(
        TWO
            + """
            4 allocate context=0xA frame=0x7000 size=0x40
            5 free context=0xA frame=0x703F
            6 free context=0xA frame=0x7040
            """,
        target);
    assertThat(target.calls).endsWith("free 0xc1 0xf203f", "free 0xc1 0x7040");
  }

  @Test
  void seesTheInteriorOfAFrameAtTheTopOfTheAddressSpace() {
    ScriptedTarget target = new ScriptedTarget();
    Replays.run(
        TWO
            + """
            4 allocate context=0xA frame=0xFFFFFFFFFFFFF000
            5 free context=0xA frame=0xFFFFFFFFFFFFF080
            6 free context=0xA frame=0xFFFFFFFFFFFFF000
            7 free context=0xA frame=0xFFFFFFFFFFFFF080
            """,
        target);
    assertThat(target.calls)
        .endsWith("free 0xc1 0xf2080", "free 0xc1 0xf2000", "free 0xc1 0xfffffffffffff080");
  }

  @Test
  void sendsAnUnknownAddressAsItIs() {
    assertThat(sent("4 free context=0xA frame=0x123\n")).containsExactly("free 0xc1 0x123");
  }

  @Test
  void movesAnUnknownAddressAwayFromTheTargetsFrames() {
    List<String> calls = sent("4 free context=0xA frame=0xf1000\n");
    assertThat(calls).hasSize(1);
    assertThat(calls.get(0)).startsWith("free 0xc1 0x").isNotEqualTo("free 0xc1 0xf1000");
  }

  @Test
  void sendsNull() {
    assertThat(sent("4 free context=0xA frame=0\n")).containsExactly("free 0xc1 0x0");
  }

  @Test
  void sendsCallsOnADeletedAllocator() {
    assertThat(
            sent(
                """
                4 delete context=0xA
                5 free context=0xA frame=0x5000
                6 allocate context=0xA frame=0x8000
                7 delete context=0xA
                """))
        .containsExactly("delete 0xc1", "free 0xc1 0xf1000", "allocate 0xc1", "delete 0xc1");
  }

  @Test
  void sendsCallsOnAContextThatNobodyMade() {
    assertThat(sent("4 free context=0xE frame=0x5000\n5 delete context=0xE\n"))
        .containsExactly("free 0xe 0xf1000", "delete 0xe");
  }

  @Test
  void sendsTheLastTranslationOfAFrameThatAnotherAllocatorFreed() {
    assertThat(sent("4 free context=0xA frame=0x5000\n5 free context=0xB frame=0x5000\n"))
        .containsExactly("free 0xc1 0xf1000", "free 0xc2 0xf1000");
  }

  @Test
  void copiesACallWhoseContextOrFrameIsUnknown() {
    ScriptedTarget target = new ScriptedTarget();
    Replays.Result result =
        Replays.run(TWO + "4 free frame=0x5000\n5 free context=0xA\n6 delete\n", target);
    assertThat(target.calls).hasSize(3);
    assertThat(result.report().notDriven()).isEqualTo(3);
    assertThat(result.lines().get(3)).isEqualTo("4 free callback t=4000..4500 frame=0x5000");
  }

  @Test
  void drivesACallThatNeverReturned() {
    ScriptedTarget target = new ScriptedTarget();
    Replays.Result result = Replays.run(TWO + "4 allocate t=400 context=0xA\n", target);
    assertThat(target.calls).endsWith("allocate 0xc1", "free 0xc1 0xf2000");
    assertThat(result.divergences()).isEmpty();
  }
}
