package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kstrace minimize}. */
final class MinimizeCommandTest {
  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void record() {
    cli = new Cli(folder);
    cli.run(
        "capture",
        "sim",
        "--profile",
        "mic-pcm-48k-10ms",
        "--fault",
        "double-free",
        "--seed",
        "7",
        "-q",
        "-o",
        "@t.arrow");
  }

  @Test
  void saysHowSmallItGotAndWhatToTypeNext() {
    Cli.Result result = cli.run("minimize", "@t.arrow", "--rule", "double-free", "-o", "@s.arrow");

    assertThat(result.code()).isZero();
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .matches(
            """
            [0-9,]+ -> 7 events, [0-9]+ tries
            wrote s.arrow; next: kstrace text s.arrow, kstrace check s.arrow
            """);
    assertThat(cli.run("check", "-q", "@s.arrow").out())
        .startsWith("s.arrow: 1 error\n\nerror    double-free  1 finding\n");
    assertThat(cli.run("info", "@s.arrow").out()).contains("a finding of double-free, from ");
  }

  @Test
  void givesTheSameBytesTwice() throws IOException {
    cli.run("minimize", "@t.arrow", "--rule", "double-free", "-o", "@a.arrow");
    cli.run("minimize", "@t.arrow", "--rule", "double-free", "-o", "@b.arrow");

    assertThat(cli.file("a.arrow")).hasSameBinaryContentAs(cli.file("b.arrow"));
  }

  @Test
  void refusesWhatTheTraceDoesNotShowBeforeAnythingIsCut() {
    assertThat(cli.run("minimize", "@t.arrow", "--rule", "frame-leak", "-o", "@s.arrow").all())
        .isEqualTo("exit 2\nkstrace: t.arrow does not show it: a finding of frame-leak\n");
    assertThat(
            cli.run(
                    "minimize",
                    "@t.arrow",
                    "--crash",
                    "--target",
                    "sim:mic-pcm-48k-10ms",
                    "-o",
                    "@s.arrow")
                .all())
        .isEqualTo("exit 2\nkstrace: t.arrow does not show it: the target's death\n");
    assertThat(cli.file("s.arrow")).doesNotExist();
  }

  @Test
  void asksForOneThingToKeep() {
    String ask =
        "kstrace: what to keep? give one of --rule ID, --divergence, --crash and --test CMD\n";

    assertThat(cli.run("minimize", "@t.arrow", "-o", "@s.arrow").all()).isEqualTo("exit 2\n" + ask);
    assertThat(
            cli.run("minimize", "@t.arrow", "--crash", "--rule", "double-free", "-o", "@s.arrow")
                .err())
        .isEqualTo(ask);
    assertThat(cli.run("minimize", "@t.arrow", "--divergence", "-o", "@s.arrow").err())
        .isEqualTo("kstrace: which target? --divergence and --crash need --target\n");
    assertThat(
            cli.run(
                    "minimize",
                    "@t.arrow",
                    "--rule",
                    "double-free",
                    "--budget",
                    "soon",
                    "-o",
                    "@s.arrow")
                .err())
        .isEqualTo("kstrace: --budget soon: expected tries, as in 500, or 30s\n");
  }

  @Test
  void goesOnFromWhereTheBudgetEndedIt() {
    Cli.Result first =
        cli.run("minimize", "@t.arrow", "--rule", "double-free", "--budget", "3", "-o", "@s.arrow");
    Cli.Result second = cli.run("minimize", "@s.arrow", "--rule", "double-free", "-o", "@m.arrow");

    assertThat(first.err()).contains(", not minimal yet: ended early");
    assertThat(second.err()).contains(" -> 7 events, ");
    String whole = first.err().replaceAll("(?s) -> .*|,", "");
    assertThat(cli.run("info", "@m.arrow").out())
        .contains("a finding of double-free, from " + whole + " events");
  }

  @Test
  void keepsWhatMakesACommandFail() throws IOException {
    Assumptions.assumeTrue(File.separatorChar == '/', "skipped: needs a Unix shell");
    Path script = Files.writeString(cli.file("fails.sh"), "test $(wc -c < \"$1\") -lt 3000\n");

    Cli.Result result = cli.run("minimize", "@t.arrow", "--test", "sh " + script, "-o", "@s.arrow");

    assertThat(result.code()).isZero();
    assertThat(Files.size(cli.file("s.arrow"))).isGreaterThanOrEqualTo(3000);
    assertThat(Files.size(cli.file("s.arrow"))).isLessThan(Files.size(cli.file("t.arrow")));
  }

  @Test
  void keepsTheDeathThatItStartedWith() {
    Cli.Result result =
        cli.run(
            "minimize",
            "@t.arrow",
            "--crash",
            "--target",
            "java:dev.kstrace.cli.PickyAllocator",
            "-o",
            "@s.arrow");

    assertThat(result.code()).as(result.err()).isZero();
    // Without the allocate it would be a death, too, but another one.
    assertThat(
            cli.run("replay", "@s.arrow", "--target", "java:dev.kstrace.cli.PickyAllocator").out())
        .contains("target died at seq 4: java.lang.IllegalStateException: freed again: 0x");
  }

  @Test
  void keepsADivergence() {
    Cli.Result result =
        cli.run(
            "minimize",
            "@t.arrow",
            "--divergence",
            "--target",
            "sim:mic-pcm-48k-10ms+initialize-pending",
            "-o",
            "@s.arrow");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(
            cli.run("replay", "@s.arrow", "--target", "sim:mic-pcm-48k-10ms+initialize-pending")
                .code())
        .isEqualTo(ExitCode.DIVERGED);
  }
}
