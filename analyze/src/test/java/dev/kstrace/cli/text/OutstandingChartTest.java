package dev.kstrace.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.OutstandingCurve;
import dev.kstrace.analyze.TraceFacts.AllocatorSummary;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Frames outstanding as people see them. */
final class OutstandingChartTest {
  private static final OutstandingCurve OVER =
      curve(1, "capture", 4, 6, 2, IntStream.rangeClosed(-1, 6).toArray());
  private static final OutstandingCurve USUAL =
      curve(12, null, 0, 3, 0, new int[] {0, 3, 0, 3, 0, 3, 0, -1});

  private static OutstandingCurve curve(
      long id, String pin, long limit, int peak, int left, int[] most) {
    AllocatorSummary allocator = new AllocatorSummary(id, null, pin, null);
    return new OutstandingCurve(
        allocator, limit, peak, left, 9, Arrays.stream(most).boxed().toList());
  }

  private static String print(
      int width, boolean unicode, boolean colour, List<OutstandingCurve> curves) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
      new OutstandingChart(width, unicode, new Paint(colour)).print(out, curves, 2);
    }
    return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  @Test
  void drawsBlocks() {
    assertThat(print(62, true, false, List.of(OVER, USUAL)))
        .isEqualTo(
            """
              frames outstanding
                #1 capture   ▁▂▃▄▅▆█  peak 6 of 4, over the limit, 2 left
                #12         ▁█▁█▁█▁   peak 3
            """);
  }

  @Test
  void drawsInAsciiWhereTheTerminalShowsNoMore() {
    assertThat(print(62, false, false, List.of(OVER, USUAL)))
        .isEqualTo(
            """
              frames outstanding
                #1 capture   _.:-=+#  peak 6 of 4, over the limit, 2 left
                #12         _#_#_#_   peak 3
            """);
  }

  @Test
  void whatIsOverTheLimitIsRed() {
    assertThat(print(62, true, true, List.of(OVER)))
        .contains("   ▁▂▃▄▅\u001b[31m▆█\u001b[0m  peak");
    assertThat(print(62, true, true, List.of(USUAL))).doesNotContain("\u001b");
  }

  @Test
  void staysWithinTheTerminal() {
    for (int width : new int[] {70, 80, 100, 200}) {
      assertThat(print(width, true, false, List.of(OVER, USUAL)).lines())
          .as("width %d", width)
          .allMatch(line -> line.length() <= width)
          .anyMatch(line -> line.contains("█"));
    }
    // Where there is no room for a picture, the words are left.
    assertThat(print(40, true, false, List.of(OVER)))
        .isEqualTo("  frames outstanding\n    #1 capture  peak 6 of 4, over the limit, 2 left\n");
  }

  @Test
  void countsWhatItDoesNotShow() {
    assertThat(print(80, true, false, Collections.nCopies(14, USUAL)))
        .endsWith("\n    and 12 more\n");
    assertThat(print(80, true, false, List.of(curve(1, null, 3, 0, 0, new int[] {0})))).isEmpty();
  }

  @Test
  void namesDoNoHarm() {
    String name = "\u001b[2J\n\u202e" + "x".repeat(10_000);

    String shown = print(80, true, false, List.of(curve(1, name, 4, 1, 0, new int[] {0, 1})));

    assertThat(shown).doesNotContain("\u001b", "\u202e").contains("#1 \\u001b[2J\\n\\u202ex...");
    assertThat(shown.lines()).hasSize(2).allMatch(line -> line.length() <= 80);
  }
}
