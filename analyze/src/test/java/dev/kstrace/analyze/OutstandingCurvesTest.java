package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.traces.ReadProgress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames outstanding over time. */
final class OutstandingCurvesTest {
  private static final PassOptions WITH_CURVES = new PassOptions(true, ReadProgress.NONE);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void drawsWhatARecountFinds(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    long[] times = random.longs(1000, 0, 1L << (4 + 6 * seed)).sorted().toArray();
    int[] numbers = random.ints(1000, 0, 50).toArray();
    long end = times[999] + random.nextLong(1L << 8);
    GrowingCurve curve = new GrowingCurve(times[0]);
    for (int i = 0; i < times.length; i++) {
      curve.step(times[i], numbers[i]);
    }
    curve.reach(end);

    int[] drawn = curve.columns(end, 0);

    int[] expected = new int[(int) (end >>> curve.shift()) + 1];
    Arrays.fill(expected, OutstandingCurve.ABSENT);
    int level = 0;
    int from = (int) (times[0] >>> curve.shift());
    for (int i = 0; i <= times.length; i++) {
      int to = (int) ((i == times.length ? end : times[i]) >>> curve.shift());
      for (int column = from; column <= to; column++) {
        expected[column] = Math.max(expected[column], level);
      }
      from = to;
      level = i == times.length ? level : numbers[i];
      expected[to] = Math.max(expected[to], level);
    }
    assertThat(drawn).isEqualTo(expected);
    assertThat(drawn.length).isBetween(1, GrowingCurve.COLUMNS);
  }

  private TraceFacts facts(List<String> lines) throws IOException {
    String text = "@kstrace.complete_start=true\n" + String.join("\n", lines) + "\n";
    return TraceFacts.of(Traces.write(folder.resolve("t.arrow"), text), WITH_CURVES);
  }

  private static String initialize(int seq, long time, int context, int frames) {
    return seq
        + (" initialize t=" + time + " pin=0x10 context=" + context + " status=STATUS_SUCCESS")
        + (" framing={pool=NonPagedPool frames=" + frames + " size=4096 align=0x3f}");
  }

  @Test
  void aPeakSurvivesHoweverShort() throws IOException {
    List<String> lines = new ArrayList<>(List.of(initialize(1, 0, 1, 2)));
    for (int i = 0; i < 3; i++) {
      lines.add((2 + i) + " allocate t=400000 context=1 frame=" + 4096 * (i + 1));
    }
    lines.add("5 free t=400001 context=1 frame=4096");
    lines.add("6 free t=400001 context=1 frame=8192");
    lines.add("7 mark t=1000000");

    OutstandingCurve curve = facts(lines).curves().get(0);

    assertThat(curve.most(4)).containsExactly(0, 3, 1, 1);
    assertThat(curve.most(1)).containsExactly(3);
    assertThat(curve.most(400)).hasSize(400).contains(0, 3, 1).endsWith(1);
    assertThat(curve.isOverLimit()).isTrue();
    assertThat(curve.limit()).isEqualTo(2);
    assertThat(curve.peak()).isEqualTo(3);
    assertThat(curve.left()).isEqualTo(1);
    assertThat(curve.allocates()).isEqualTo(3);
  }

  @Test
  void showsWhatDeservesALookFirst() throws IOException {
    List<String> lines = new ArrayList<>();
    int seq = 0;
    for (int context = 1; context <= 4; context++) {
      lines.add(initialize(++seq, 1000, context, context == 3 ? 1 : 9));
    }
    // 1 is idle, 2 is busy and clean, 3 is over its limit, 4 keeps a frame.
    for (int i = 0; i < 9; i++) {
      lines.add(++seq + " allocate t=2000 context=2 frame=0x1000");
      lines.add(++seq + " free t=2000 context=2 frame=0x1000");
    }
    lines.add(++seq + " allocate t=2000 context=3 frame=0x2000");
    lines.add(++seq + " allocate t=2000 context=3 frame=0x3000");
    lines.add(++seq + " free t=2000 context=3 frame=0x2000");
    lines.add(++seq + " free t=2000 context=3 frame=0x3000");
    lines.add(++seq + " allocate t=2000 context=4 frame=0x4000");
    lines.add(++seq + " delete t=4000 context=2");
    lines.add(++seq + " mark t=5000");

    List<OutstandingCurve> curves = facts(lines).curves();

    assertThat(curves)
        .extracting(curve -> curve.allocator().allocId())
        .containsExactly(3L, 4L, 2L, 1L);
    // Of a deleted allocator there is nothing to see any more.
    assertThat(curves.get(2).most(4)).containsExactly(0, 1, 0, OutstandingCurve.ABSENT);
    assertThat(curves.get(1).most(4)).containsExactly(0, 1, 1, 1);
  }

  @Test
  void remembersTheInterestingOfVeryMany() throws IOException {
    List<String> lines = new ArrayList<>();
    int seq = 0;
    for (int i = 1; i <= 5000; i++) {
      lines.add(initialize(++seq, seq, i, 2));
      lines.add(++seq + " allocate t=" + seq + " context=" + i + " frame=0x1000");
      if (i != 77) {
        lines.add(++seq + " free t=" + seq + " context=" + i + " frame=0x1000");
      }
      lines.add(++seq + " delete t=" + seq + " context=" + i);
    }

    List<OutstandingCurve> curves = facts(lines).curves();

    assertThat(curves.get(0).allocator().allocId()).isEqualTo(77);
    assertThat(curves.get(0).left()).isEqualTo(1);
    assertThat(curves).hasSizeLessThan(2048);
  }

  @Test
  void nothingIsDrawnUnasked() throws IOException {
    facts(List.of(initialize(1, 0, 1, 2)));

    assertThat(TraceFacts.of(folder.resolve("t.arrow")).curves()).isEmpty();
  }
}
