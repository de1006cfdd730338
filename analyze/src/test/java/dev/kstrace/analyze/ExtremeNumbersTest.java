package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Numbers at the ends of their types end no verdict; more of them in {@code
 * boundaries/extreme-*.txt}.
 */
class ExtremeNumbersTest {
  private static final long DAY_NS = 86_400_000_000_000L;

  @TempDir Path dir;

  @Test
  void timesMayReachTheLastMoment() throws Exception {
    for (long start : new long[] {Long.MAX_VALUE - 3_600_000_000L, Long.MIN_VALUE}) {
      assertThat(judge(run(start, 10_000_000, 100, 35_000_000)))
          .extracting(Finding::rule)
          .containsExactly("frame-held-too-long");
    }
  }

  /** A period of a day, and more pairs in it than a product of both could tell. */
  @Test
  void aRunMayHaveAnyNumberOfPairsAndPeriods() throws Exception {
    assertThat(judge(run(0, DAY_NS, 110_000, 100_000)))
        .extracting(Finding::rule)
        .containsExactly("allocation-churn");
  }

  @Test
  void placesAndTimesMayBeAny() throws Exception {
    assertThat(
            judge(
                """
                @kstrace.origin=replayed
                1 pin_create t=MIN pin=0x10
                2 initialize t=MIN..MAX pin=0x10 context=0x20 status=STATUS_SUCCESS \
                framing={options=0x2 frames=4 size=4096}
                3 allocate t=MAX..MIN context=0x20 frame=0xffffffffffffffff \
                size=18446744073709551615
                4 free t=MIN..MAX context=0x20 frame=0xfffffffffffffffe
                5 mark detail={"note":"pool-leak","behind":18446744073709551615,"text":"x"}
                6 mark detail={"note":"wrong-irql","behind":-1,"context":"0x20","text":"x"}
                7 mark detail={"note":"wrong-irql","behind":3,"context":"0x20","text":"x"}
                18446744073709551614 delete t=MAX context=0x20
                18446744073709551615 trace_end t=MAX
                """
                    .replace("MIN", String.valueOf(Long.MIN_VALUE))
                    .replace("MAX", String.valueOf(Long.MAX_VALUE))))
        .extracting(Finding::rule)
        .contains("sequence-gap", "kernel-routine-misuse");
  }

  /** A time in RUN in which one frame is held and another comes and goes. */
  private static String run(long start, long periodNs, int pairs, long everyNs) {
    StringBuilder text = new StringBuilder();
    String at = start + " pin=0x10";
    text.append("1 pin_create t=").append(at).append(" detail={\"flags\":262144}\n");
    text.append("2 initialize t=").append(at);
    text.append(" context=0x20 status=STATUS_SUCCESS framing={options=0x2 frames=8 size=4096}\n");
    text.append("3 pin_state t=").append(at).append(" detail={\"from\":0,\"to\":1}\n");
    text.append("4 pin_state t=").append(at).append(" detail={\"from\":1,\"to\":2}\n");
    text.append("5 pin_state t=").append(at).append(" detail={\"from\":2,\"to\":3,");
    text.append("\"period_ns\":").append(periodNs).append("}\n");
    text.append("6 allocate t=").append(start).append(" context=0x20 frame=0x90000\n");
    int seq = 7;
    long time = start;
    for (int i = 0; i < pairs; i++) {
      time += everyNs;
      text.append(seq++).append(" allocate t=").append(time).append(" context=0x20 frame=0x1000\n");
      text.append(seq++).append(" free t=").append(time).append(" context=0x20 frame=0x1000\n");
    }
    text.append(seq++).append(" free t=").append(time).append(" context=0x20 frame=0x90000\n");
    for (int state = 3; state > 0; state--) {
      text.append(seq++).append(" pin_state t=").append(time).append(" pin=0x10 detail={\"from\":");
      text.append(state).append(",\"to\":").append(state - 1).append("}\n");
    }
    text.append(seq++).append(" delete t=").append(time).append(" context=0x20\n");
    return text.append(seq).append(" trace_end t=").append(time).append('\n').toString();
  }

  private List<Finding> judge(String text) throws Exception {
    Path file = Traces.write(dir.resolve("trace.arrow"), text);
    return Judge.judge(TraceFacts.of(file), RulePack.builtIn()).findings();
  }
}
