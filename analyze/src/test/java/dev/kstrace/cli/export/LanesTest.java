package dev.kstrace.cli.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.cli.export.Timeline.Kind;
import dev.kstrace.cli.export.Timeline.Track;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Slices side by side. */
final class LanesTest {
  private static Track track(int lane) {
    return new Track(lane, null, Kind.PLAIN, "lane", 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void neverOverlapOnOneTrack(int seed) throws IOException {
    Random random = new Random(seed);
    Lanes lanes = new Lanes(LanesTest::track);
    Map<Long, Long> ends = new HashMap<>();
    for (int i = 0; i < 5_000; i++) {
      long begin = random.nextInt(1_000);
      Long end = random.nextInt(500) == 0 ? null : Long.valueOf(begin + random.nextInt(50));

      Track track = lanes.take(begin, end);

      assertThat(ends.getOrDefault(track.id(), 0L)).isLessThanOrEqualTo(begin);
      ends.put(track.id(), end == null ? Long.MAX_VALUE : end);
    }
  }

  @Test
  void takeOneTrackWhereNothingOverlaps() throws IOException {
    Lanes lanes = new Lanes(LanesTest::track);

    for (int i = 0; i < 100; i++) {
      assertThat(lanes.take(10L * i, 10L * i + 10).id()).isZero();
    }
    assertThat(lanes.take(995, null).id()).isEqualTo(1);
    assertThat(lanes.take(2000, 2000L).id()).isZero();
    assertThat(lanes.take(2000, 2000L).id()).isZero();
  }
}
