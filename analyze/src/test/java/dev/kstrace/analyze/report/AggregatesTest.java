package dev.kstrace.analyze.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a page shows of many values, against all of them. */
final class AggregatesTest {
  private record Change(long time, int value) {}

  private static List<Change> changes(int count, long seed) {
    Random random = new Random(seed);
    List<Change> changes = new ArrayList<>();
    long time = 0;
    for (int i = 0; i < count; i++) {
      time += random.nextInt(10) == 0 ? random.nextInt(1_000_000) : random.nextInt(50);
      changes.add(new Change(time, random.nextInt(100) == 0 ? 1000 : random.nextInt(8)));
    }
    return changes;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 20, 64, 65, 3000})
  void keepsLeastGreatestAndLastOfEveryStretch(int count) {
    List<Change> changes = changes(count, count);
    StepSeries series = new StepSeries(64);
    changes.forEach(change -> series.add(change.time(), change.value()));

    TreeMap<Long, List<Integer>> stretches = new TreeMap<>();
    for (Change change : changes) {
      stretches
          .computeIfAbsent(change.time() / series.widthNs(), key -> new ArrayList<>())
          .add(change.value());
    }
    assertThat(series.size()).isEqualTo(stretches.size()).isLessThanOrEqualTo(64);
    int i = 0;
    for (Long at : stretches.keySet()) {
      List<Integer> values = stretches.get(at);
      assertThat(series.at(i)).isEqualTo(at);
      assertThat(series.low(i)).isEqualTo(values.stream().min(Integer::compare).orElseThrow());
      assertThat(series.high(i)).isEqualTo(values.stream().max(Integer::compare).orElseThrow());
      assertThat(series.last(i)).isEqualTo(values.get(values.size() - 1));
      i++;
    }
    if (count <= 20) {
      assertThat(series.widthNs()).isOne();
    }
  }

  @Test
  void takesATimeThatGoesBackAsTheOneBefore() {
    StepSeries series = new StepSeries(8);
    series.add(10, 1);
    series.add(7, 5);

    assertThat(series.size()).isOne();
    assertThat(series.at(0)).isEqualTo(10);
    assertThat(series.high(0)).isEqualTo(5);
  }

  @Test
  void holdsAnyTime() {
    StepSeries series = new StepSeries(2);
    Spans spans = new Spans(2);
    for (long time : new long[] {0, 1, 1L << 40, Long.MAX_VALUE - 1, Long.MAX_VALUE}) {
      series.add(time, 3);
      spans.add(time, Long.MAX_VALUE, 1, 2, 3, false);
    }

    assertThat(series.size()).isLessThanOrEqualTo(2);
    assertThat(spans.size()).isLessThanOrEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 16, 17, 2000})
  void losesNoFrameOfASlot(int count) {
    Random random = new Random(count);
    Spans spans = new Spans(16);
    List<long[]> frames = new ArrayList<>();
    long time = 0;
    for (int i = 0; i < count; i++) {
      long start = time + random.nextInt(1000);
      long end = start + random.nextInt(100_000);
      frames.add(new long[] {start, end});
      spans.add(start, end, i, i % 3, 7, i == 5);
      time = end;
    }

    assertThat(spans.size()).isLessThanOrEqualTo(16);
    int at = 0;
    boolean flagged = false;
    for (int i = 0; i < spans.size(); i++) {
      List<long[]> part = frames.subList(at, at + (int) spans.frames(i));
      assertThat(spans.seq(i)).isEqualTo(at);
      assertThat(spans.start(i)).isEqualTo(part.get(0)[0]);
      assertThat(spans.end(i)).isEqualTo(part.get(part.size() - 1)[1]);
      assertThat(spans.busyNs(i)).isEqualTo(part.stream().mapToLong(f -> f[1] - f[0]).sum());
      assertThat(spans.thread(i)).isEqualTo(part.size() == 1 ? at % 3 : Spans.NO_THREAD);
      assertThat(spans.freeThread(i)).isEqualTo(7);
      flagged |= spans.isFlagged(i);
      at += part.size();
    }
    assertThat(at).isEqualTo(count);
    assertThat(flagged).isEqualTo(count > 5);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 19, 20, 21, 99, 100, 101, 5000})
  void knowsQuantilesAndBins(int count) {
    Random random = new Random(count);
    Durations durations = new Durations();
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextLong() >>> random.nextInt(1, 64);
      durations.add(values[i]);
    }
    Arrays.sort(values);

    for (int percent : new int[] {50, 95, 99, 100}) {
      long quantile = durations.quantile(percent);
      long notAbove = Arrays.stream(values).filter(value -> value <= quantile).count();
      long below = Arrays.stream(values).filter(value -> value < quantile).count();
      assertThat(100 * notAbove).isGreaterThanOrEqualTo((long) percent * count);
      assertThat(100 * below).isLessThan((long) percent * count);
    }
    int[] bins = durations.bins();
    for (int bin = 0; bin < bins.length; bin++) {
      double from = edge(bin);
      double to = edge(bin + 1);
      long inside = Arrays.stream(values).filter(v -> v >= from && v < to).count();
      assertThat((long) bins[bin]).as("bin %d", bin).isEqualTo(inside);
    }
  }

  /** As the page computes it. */
  private static double edge(int bin) {
    return bin < 4 ? bin : Math.pow(2, bin / 4 + 1) * (1 + (bin % 4) / 4.0);
  }
}
