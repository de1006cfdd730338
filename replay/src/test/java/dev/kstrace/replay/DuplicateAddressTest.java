package dev.kstrace.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A recording that hands out one address twice, replayed on an allocator that does not. */
class DuplicateAddressTest {
  private static final String TWICE =
      """
      1 initialize pin=0x10 context=0xA status=STATUS_SUCCESS framing={frames=3}
      2 allocate context=0xA frame=0x5000
      3 allocate context=0xA frame=0x5000
      """;

  /** The calls behind the three above; the target's frames are 0xf1000 and 0xf2000. */
  private static List<String> sent(String rest) {
    ScriptedTarget target = new ScriptedTarget();
    Replays.run(TWICE + rest, target);
    return target.calls.subList(3, target.calls.size());
  }

  @Test
  void freesOneFrameForEachRecordedFree() {
    assertThat(
            sent(
                """
                4 free context=0xA frame=0x5000
                5 free context=0xA frame=0x5000
                6 delete context=0xA
                """))
        .containsExactly("free 0xc1 0xf1000", "free 0xc1 0xf2000", "delete 0xc1");
  }

  @Test
  void sendsAThirdFreeAsADoubleFree() {
    assertThat(
            sent(
                """
                4 free context=0xA frame=0x5000
                5 free context=0xA frame=0x5000
                6 free context=0xA frame=0x5000
                """))
        .containsExactly("free 0xc1 0xf1000", "free 0xc1 0xf2000", "free 0xc1 0xf2000");
  }

  @Test
  void givesTheOtherFrameBackBeforeDelete() {
    assertThat(sent("4 free context=0xA frame=0x5000\n5 delete context=0xA\n"))
        .containsExactly("free 0xc1 0xf1000", "free 0xc1 0xf2000", "delete 0xc1");
  }

  @Test
  void givesTheOtherFrameBackBeforeTheAddressIsHandedOutAnew() {
    assertThat(
            sent(
                """
                4 free context=0xA frame=0x5000
                5 allocate context=0xA frame=0x5000
                6 free context=0xA frame=0x5000
                7 delete context=0xA
                """))
        .containsExactly(
            "free 0xc1 0xf1000",
            "free 0xc1 0xf2000",
            "allocate 0xc1",
            "free 0xc1 0xf3000",
            "delete 0xc1");
  }

  @Test
  void givesTheOtherFrameBackBeforeTheAllocatorWouldExceedItsFrames() {
    assertThat(
            sent(
                """
                4 allocate context=0xA frame=0x6000
                5 allocate context=0xA frame=0x7000
                6 free context=0xA frame=0x5000
                """))
        .containsExactly(
            "allocate 0xc1", "free 0xc1 0xf2000", "allocate 0xc1", "free 0xc1 0xf1000");
  }

  @Test
  void leavesOneFrameLiveAtTheEndWhereTheRecordingLeavesOne() {
    assertThat(sent("4 trace_end\n")).containsExactly("free 0xc1 0xf2000");
  }

  @Test
  void givesNothingBackAtACutEnd() {
    assertThat(sent("4 free context=0xA frame=0x5000\n")).containsExactly("free 0xc1 0xf1000");
  }

  @Test
  void movesOnlyTheRowsBehindAnAddedCall() {
    Replays.Result result =
        Replays.run(
            TWICE + "4 free context=0xA frame=0x5000\n9 trace_end\n12 mark\n",
            new ScriptedTarget());
    assertThat(result.events()).extracting("seq").containsExactly(1L, 2L, 3L, 4L, 9L, 10L, 13L);
    assertThat(result.lines().get(4))
        .isEqualTo("9 free callback t=9000..9000 context=0xc1 frame=0xf2000");
  }

  @Test
  void seesOneFrameWhereTheTargetHandsItOutTwiceToo() {
    ScriptedTarget target = new ScriptedTarget().returning(0x11000, 0x11000);
    Replays.Result result =
        Replays.run(TWICE + "4 free context=0xA frame=0x5000\n5 delete context=0xA\n", target);
    assertThat(result.divergences()).isEmpty();
    assertThat(target.calls).endsWith("free 0xc1 0x11000", "delete 0xc1");
    assertThat(target.calls).hasSize(5);
  }
}
