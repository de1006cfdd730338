package dev.kstrace.capture.etl;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EtlClockTest {
  private static EtlClock clock(long frequency, long startTicks) {
    return EtlClock.of(
        new LogHeader(
            0, 10, 0, 0, 1, 0, 1, 1, 8, 0, 0, 1_000, frequency, 1, 0, startTicks, "session"));
  }

  @Test
  void convertsWithoutOverflowForCenturies() {
    long century = 100L * 365 * 86_400;
    assertThat(clock(10_000_000, 7).ns(7 + century * 10_000_000))
        .isEqualTo(century * 1_000_000_000);
    assertThat(clock(10_000_000, 7).fileTime(7 + 25 * 3_600 * 10_000_000L))
        .isEqualTo(1_000 + 25 * 3_600 * 10_000_000L);
  }

  @Test
  void isExactOrSaturated() {
    Random random = new Random(42);
    BigInteger largest = BigInteger.valueOf(Long.MAX_VALUE);
    BigInteger smallest = BigInteger.valueOf(Long.MIN_VALUE);
    for (int i = 0; i < 20_000; i++) {
      long frequency = 1 + (random.nextLong() >>> (1 + random.nextInt(60))) % 9_000_000_000L;
      long start = random.nextLong() >> random.nextInt(63);
      long ticks = random.nextLong() >> random.nextInt(63);
      BigInteger since = BigInteger.valueOf(ticks).subtract(BigInteger.valueOf(start));
      since = since.min(largest).max(smallest);
      BigInteger[] parts =
          since
              .multiply(BigInteger.valueOf(1_000_000_000L))
              .divideAndRemainder(BigInteger.valueOf(frequency));
      BigInteger floor = parts[1].signum() < 0 ? parts[0].subtract(BigInteger.ONE) : parts[0];
      long expected = floor.min(largest).max(smallest).longValue();
      long actual = clock(frequency, start).ns(ticks);
      if (expected != Long.MAX_VALUE && expected != Long.MIN_VALUE && start != Long.MIN_VALUE) {
        assertThat(actual).as("%d ticks at %d", ticks, frequency).isEqualTo(expected);
      } else {
        assertThat(Long.signum(actual)).isEqualTo(Long.signum(expected));
      }
    }
  }
}
