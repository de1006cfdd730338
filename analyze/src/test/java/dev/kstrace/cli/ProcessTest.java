package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What only a process of its own can show: signals, and an output that fails. */
@Timeout(120)
final class ProcessTest {
  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void needPosix() throws IOException {
    assumeThat(Path.of("/dev/full")).as("Linux").exists();
    cli = new Cli(folder);
    Samples.write(cli.file("t.arrow"), Samples.DOUBLE_FREE);
  }

  private ProcessBuilder kstrace(String... args) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.kstrace.cli.Main"));
    command.addAll(List.of(args));
    return new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectOutput(cli.file("out").toFile())
        .redirectError(cli.file("err").toFile());
  }

  private String err() throws IOException {
    return JvmNoise.removed(Files.readString(cli.file("err"), StandardCharsets.UTF_8));
  }

  @Test
  void readsTheConfigurationOfTheWorkingDirectoryAndNothingForItElsewhere() throws Exception {
    Samples.write(cli.file("hit.arrow"), Samples.DOUBLE_FREE);
    ProcessBuilder check = kstrace("check", "-q", "hit.arrow");
    check.command().add(1, "-Xlog:class+load");

    Files.writeString(cli.file("kstrace.toml"), "fail-on = 'never'\n");
    assertThat(check.start().waitFor()).isZero();
    assertThat(cli.file("out")).content().contains("org.tomlj.");
    check.command().add("--no-config");
    assertThat(check.start().waitFor()).isEqualTo(1);
    assertThat(cli.file("out")).content().doesNotContain("org.tomlj.", "org.antlr.");
  }

  private void fullOutput(String... args) throws Exception {
    Process process = kstrace(args).redirectOutput(new File("/dev/full")).start();

    assertThat(process.waitFor()).isEqualTo(ExitCode.USAGE);
    assertThat(err())
        .isEqualTo("kstrace: cannot write to standard output: No space left on device\n");
  }

  @Test
  void saysThatStandardOutputIsFull() throws Exception {
    fullOutput("text", "t.arrow");
    fullOutput("check", "--format", "json", "t.arrow");
  }

  @Test
  void saysItsVersion() throws Exception {
    assertThat(kstrace("--version").start().waitFor()).isZero();
    assertThat(cli.file("out")).hasContent("kstrace development");
  }

  @Test
  void isContentWithAReaderThatHasSeenEnough() throws Exception {
    Process process =
        kstrace("query", "t.arrow", "SELECT * FROM range(1000000)")
            .redirectOutput(ProcessBuilder.Redirect.PIPE)
            .start();
    process.getInputStream().read();
    process.getInputStream().close();

    assertThat(process.waitFor()).isZero();
    assertThat(err()).isEmpty();
  }

  @Test
  void exitsWithTheCodeOfItsCommand() throws Exception {
    assertThat(kstrace("check", "-q", "t.arrow").start().waitFor()).isEqualTo(ExitCode.FINDINGS);
    assertThat(err()).isEmpty();
    assertThat(cli.file("out"))
        .hasContent(
            """
            t.arrow: 1 error

            error    double-free  1 finding
              seq 5: frame 0x10000 is freed again; it was freed at seq 4
            """);
    assertThat(kstrace("info", "none.arrow").start().waitFor()).isEqualTo(ExitCode.UNREADABLE);
    assertThat(err()).isEqualTo("kstrace: cannot read none.arrow: there is no such file\n");
  }

  @Test
  void doesNotTakeALackOfMemoryForFindings() throws Exception {
    StringBuilder text = new StringBuilder();
    for (int seq = 1; seq < 200_000; seq++) {
      text.append(seq).append(" mark detail={\"text\":\"some words to fill the memory\"}\n");
    }
    Files.writeString(cli.file("long.txt"), text);
    ProcessBuilder builder = kstrace("text", "long.txt", "-o", "long.arrow");
    builder.command().add(1, "-Xmx24m");

    assertThat(builder.start().waitFor()).as(err()).isEqualTo(ExitCode.INTERNAL);
    assertThat(err()).startsWith("kstrace: out of memory (").contains("KSTRACE_JAVA_OPTS=-Xmx4g");
  }
}
