package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shell of {@code kstrace query}, and stepping through a replay, in a real terminal; skipped
 * where there is no tmux.
 */
final class ShellInTerminalTest {

  @TempDir Path folder;

  private static boolean isThere(String program) {
    try {
      return new ProcessBuilder(program, "-V").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Has a script use a command in a terminal; what the screen shows in the end. */
  private String use(String script, String... command) throws Exception {
    assumeThat(isThere("tmux")).as("tmux is installed").isTrue();
    Path err = folder.resolve("err");
    Path out = folder.resolve("out");
    List<String> words =
        new ArrayList<>(
            List.of(
                "sh",
                Path.of("src/test/shell", script).toAbsolutePath().toString(),
                folder.toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.kstrace.cli.Main"));
    words.addAll(List.of(command));
    Process process =
        new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(err.toFile()).start();

    assertThat(process.waitFor(280, TimeUnit.SECONDS)).isTrue();

    String screen = Files.readString(out, StandardCharsets.UTF_8);
    assertThat(process.exitValue()).as(Files.readString(err) + screen).isZero();
    return screen;
  }

  @Test
  @Timeout(300)
  void answersAPerson() throws Exception {
    Path trace = Samples.write(folder.resolve("t.arrow"), Samples.DOUBLE_FREE);

    assertThat(use("query-shell.sh", "query", trace.toString()))
        .contains("kstrace> SELECT op, count(*) AS n\n    ...> FROM events GROUP BY op")
        .contains("kstrace> SELECT nothing\n    ...>\nkstrace> SELECT sequ FROM events;\n")
        .contains("  text                   VARCHAR   its text\n")
        .contains("can have to judge, in\n                       a table that a clean trace")
        .doesNotContain("Exception", "\tat ");
    Path history = folder.resolve("kstrace").resolve("history");
    assertThat(Files.readAllLines(history))
        .contains(".findings", "SELECT sequ FROM events;", ".schema marks");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(history)))
        .isEqualTo("rw-------");
  }

  @Test
  @Timeout(300)
  void stepsThroughAReplay() throws Exception {
    Path trace = Samples.write(folder.resolve("t.arrow"), Samples.DOUBLE_FREE);

    assertThat(
            use(
                "replay-steps.sh",
                "replay",
                trace.toString(),
                "--target",
                "sim:default",
                "--interactive"))
        .contains("replay> break rule double-free", "replay> nonsense")
        .doesNotContain("Exception", "there is no nonsense");
    assertThat(Files.readAllLines(folder.resolve("kstrace").resolve("replay-history")))
        .contains("frames", "c", "b 6");
  }
}
