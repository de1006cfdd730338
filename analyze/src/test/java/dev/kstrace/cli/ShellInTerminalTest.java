package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The shell of {@code kstrace query} in a real terminal; skipped where there is no tmux. */
final class ShellInTerminalTest {
  private static final Path SCRIPT = Path.of("src/test/shell/query-shell.sh").toAbsolutePath();

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

  @Test
  @Timeout(300)
  void answersAPerson() throws Exception {
    assumeThat(isThere("tmux")).as("tmux is installed").isTrue();
    Path trace = Samples.write(folder.resolve("t.arrow"), Samples.DOUBLE_FREE);
    Path err = folder.resolve("err");
    Path out = folder.resolve("out");
    Process script =
        new ProcessBuilder(
                "sh",
                SCRIPT.toString(),
                folder.toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.kstrace.cli.Main",
                "query",
                trace.toString())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();

    assertThat(script.waitFor(280, TimeUnit.SECONDS)).isTrue();

    String screen = Files.readString(out, StandardCharsets.UTF_8);
    assertThat(script.exitValue()).as(Files.readString(err) + screen).isZero();
    assertThat(screen)
        .contains("kstrace> SELECT op, count(*) AS n\n    ...> FROM events GROUP BY op")
        .contains("kstrace> SELECT nothing\n    ...>\nkstrace> SELECT sequ FROM events;\n")
        .contains("  text                   VARCHAR   its text\n")
        .doesNotContain("Exception", "\tat ");
    Path history = folder.resolve("kstrace").resolve("history");
    assertThat(Files.readAllLines(history))
        .contains(".findings", "SELECT sequ FROM events;", ".schema marks");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(history)))
        .isEqualTo("rw-------");
  }
}
