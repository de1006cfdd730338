package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bar of what lasts. */
final class ProgressTest {
  private static final String BAR = "\r[";
  private static final String GONE = "\r\u001b[K";

  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void record() throws IOException {
    cli = new Cli(folder);
    Samples.write(cli.file("a.arrow"), "@kstrace.clock=qpc\n" + Samples.DOUBLE_FREE);
    Samples.write(cli.file("b.arrow"), "@kstrace.clock=qpc\n9 mark t=9000\n");
    assertThat(cli.run("text", "@a.arrow").out()).isNotEmpty();
    Files.writeString(cli.file("a.txt"), cli.run("text", "@a.arrow").out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "check @a.arrow",
        "check @a.arrow -o @out",
        "info @a.arrow",
        "verify @a.arrow",
        "recover @a.arrow -o @out",
        "cut @a.arrow --from 3 -o @out",
        "merge @a.arrow @b.arrow -o @out",
        "text @a.txt -o @out",
        "diff @a.arrow @b.arrow",
        "explain @a.arrow 3",
        "top @a.arrow",
        "query @a.arrow FROM\u00a0events -o @out",
        "query @a.arrow FROM\u00a0findings",
        "report @a.arrow -o @out",
        "report @a.arrow @b.arrow -o @out",
        "export @a.arrow --format parquet -o @out",
        "export @a.arrow --format csv -o @out",
        "export @a.arrow --format ndjson --table events -o @out",
        "export @a.arrow --format duckdb -o @out",
        "export @a.arrow --format perfetto -o @out",
        "export @a.arrow --format chrome -o @out",
        "export @a.arrow --format speedscope -o @out",
        "export @a.arrow --format c-test -o @out",
        "export @a.arrow --format junit-test --target java:x.Y -o @Out.java",
        "replay @a.arrow --target sim:default",
        "replay @a.arrow --target sim:default --target sim:slab",
        "replay @a.arrow --target sim:default --explore 5",
        "minimize @a.arrow --rule double-free -o @out",
        "capture sim --profile bda-ts-50 --frames 200000 -o @out",
      })
  void everyCommandThatLastsShowsIt(String line) {
    String[] words =
        Arrays.stream(line.split(" ", -1))
            .map(word -> word.replace('\u00a0', ' '))
            .toArray(String[]::new);
    String[] quiet = Arrays.copyOf(words, words.length + 2);
    quiet[words.length] = "-q";
    quiet[words.length + 1] = "-f";
    if (!line.contains("-o ")) {
      quiet = Arrays.copyOf(quiet, words.length + 1);
    }

    Cli.Result slow = cli.slowly().run(words);

    assertThat(slow.code()).as(slow.all()).isLessThan(ExitCode.INTERNAL).isNotEqualTo(2);
    assertThat(slow.err())
        .contains(GONE)
        .containsPattern("\r(\\[[#-]{20}\\] |[0-9,]+ -> |[0-9]+ MB)");
    assertThat(slow.out()).doesNotContain(BAR);
    assertThat(cli.slowly().run(quiet).err()).doesNotContain(BAR, GONE);
  }

  @Test
  void isShownAfterASecondOnATerminalOnly() {
    long[] now = {0};
    for (boolean terminal : new boolean[] {false, true}) {
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      try (Progress progress = Progress.of(console(err, terminal, now), false)) {
        progress.at(1_000_000, 10_000_000);
        assertThat(err.size()).isZero();
        now[0] += 2_000_000_000L;
        progress.at(2_500_000, 10_000_000);
      }
      assertThat(err.toString(StandardCharsets.UTF_8))
          .isEqualTo(
              terminal
                  ? "\r[#####---------------]  25 % of 10 MB, 1.3 MB/s, 6 s left\u001b[K\r\u001b[K"
                  : "");
    }
  }

  @Test
  void countsStepsToo() {
    long[] now = {0};
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Progress progress = Progress.of(console(err, true, now), false);
    now[0] += 4_000_000_000L;
    progress.at(250, 1000, "order", "orders", "1 breaks something");
    now[0] += 1_000_000_000L;
    progress.grown(25_000_000);
    now[0] += 1_000_000_000L;
    progress.at(540, "try", "tries", "90 -> 5 events");

    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "\r[#####---------------]  25 % of 1,000 orders, 62.5/s, 12 s left, 1 breaks"
                + " something\u001b[K\r25 MB, 5.0 MB/s\u001b[K\r90 -> 5 events, 540 tries, 90/s\u001b[K");
  }

  private Console console(ByteArrayOutputStream err, boolean terminal, long[] now) {
    return new Console(
        System.in,
        System.out,
        new PrintStream(err, true, StandardCharsets.UTF_8),
        terminal,
        terminal,
        Map.of(),
        folder,
        () -> now[0],
        () -> Cli.TODAY);
  }
}
