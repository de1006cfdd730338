package dev.kstrace.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kstrace.capture.sim.SplitMix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Calls at their time, and how durations are counted. */
final class PaceTest {
  private static final String RECORDING =
      """
      1 initialize t=1000000 thread=1 context=0xA status=STATUS_SUCCESS
      2 allocate t=3000000 thread=1 context=0xA frame=0x5000
      3 free t=3010000 thread=1 context=0xA frame=0x5000
      4 delete t=9000000 thread=1 context=0xA
      """;

  private long now = 77;
  private final List<Long> parked = new ArrayList<>();

  /** A clock that goes on by 1 us whenever it is looked at. */
  private long clock() {
    now += 1_000;
    return now;
  }

  private void park(long ns) {
    parked.add(ns);
    now += ns;
  }

  private ReplayReport replay(double speed) {
    ScriptedTarget target = new ScriptedTarget();
    Pace pace = new Pace(speed, this::clock, this::park);
    return Replays.run(RECORDING, target, ReplayOptions.DEFAULTS.paced(pace)).report();
  }

  @Test
  void sleepsUntilShortlyBeforeACallIsDue() {
    ReplayReport report = replay(1);

    // 2 ms, none for 10 us, 5.99 ms, each but for the last 50 us.
    assertThat(parked).hasSize(2);
    assertThat(parked.get(0)).isBetween(1_940_000L, 1_950_000L);
    assertThat(parked.get(1)).isBetween(5_930_000L, 5_940_000L);
    assertThat(now).isBetween(8_000_077L, 8_005_000L);
    assertThat(report.lateness().count()).isEqualTo(4);
    assertThat(report.lateness().maxNs()).isLessThanOrEqualTo(1_000);
  }

  @Test
  void goesFasterOrSlower() {
    replay(2);
    assertThat(now).isBetween(4_000_077L, 4_005_000L);
    now = 77;
    replay(0.5);
    assertThat(now).isBetween(16_000_077L, 16_005_000L);
  }

  @Test
  void saysHowLateCallsAre() {
    Pacer pacer = new Pacer(new Pace(1, () -> now, this::park));
    pacer.await(0);
    now += 500_000;
    pacer.await(100_000);
    assertThat(pacer.lateness()).isEqualTo(new Spread(2, 0, 400_000, 400_000));
  }

  @Test
  void readsWhatUsersWrite() {
    assertThat(Pace.parse("none", this::clock)).isNull();
    assertThat(Pace.parse("recorded", this::clock).speed()).isEqualTo(1);
    assertThat(Pace.parse("2x", this::clock).speed()).isEqualTo(2);
    assertThat(Pace.parse("0.25x", this::clock).speed()).isEqualTo(0.25);
    for (String wrong : List.of("", "2", "x", "0x", "-1x", "NaNx", "Infinityx", "fast")) {
      assertThatThrownBy(() -> Pace.parse(wrong, this::clock))
          .hasMessageContaining("expected none, recorded or a factor");
    }
  }

  @Test
  void countsDurationsToAThirtySecondOfTheirValue() {
    SplitMix random = new SplitMix(1);
    long[] values = new long[10_001];
    Durations durations = new Durations();
    for (int i = 0; i < values.length; i++) {
      values[i] = random.next() >>> (1 + random.below(62));
      durations.add(values[i]);
    }
    Arrays.sort(values);

    Spread spread = durations.spread();

    assertThat(spread.count()).isEqualTo(values.length);
    assertThat(spread.maxNs()).isEqualTo(values[values.length - 1]);
    assertThat((double) spread.medianNs() / values[5_000]).isCloseTo(1, within(1 / 16.0));
    assertThat((double) spread.p99Ns() / values[9_900]).isCloseTo(1, within(1 / 16.0));

    Durations few = new Durations();
    for (long ns = -1; ns <= 40; ns++) {
      few.add(ns);
    }
    assertThat(few.spread()).isEqualTo(new Spread(42, 19, 40, 40));
    assertThat(new Durations().spread()).isEqualTo(new Spread(0, 0, 0, 0));
  }
}
