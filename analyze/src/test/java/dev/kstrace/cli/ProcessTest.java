package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceText;
import dev.kstrace.traces.TraceWriter;
import java.io.File;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    // A JVM may have a word of its own about its options.
    return Files.readString(cli.file("err"), StandardCharsets.UTF_8)
        .replaceAll("(?m)^(Picked up|WARNING:|OpenJDK ).*\n", "");
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

  @Test
  void keepsWhatWasRecordedWhenInterrupted() throws Exception {
    Process process =
        kstrace(
                "capture",
                "sim",
                "--profile",
                "bda-ts-50",
                "--real-threads",
                "--frames",
                "1000000000",
                "-o",
                "cut.arrow")
            .start();
    try {
      Path trace = cli.file("cut.arrow");
      while (!Files.exists(trace) || Files.size(trace) < 4_000_000) {
        assertThat(process.isAlive()).as(err()).isTrue();
        Thread.sleep(20);
      }
      int killed =
          new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();

      assertThat(killed).isZero();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }

    assertThat(process.exitValue()).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(err()).isEqualTo("kstrace: interrupted; what was written so far is kept\n");
    Cli.Result info = cli.run("info", "@cut.arrow");
    assertThat(info.code()).as(info.err()).isZero();
    assertThat(info.out()).containsPattern("\n  end +cut \\(no (footer|trace_end)");
    assertThat(info.out()).containsPattern("\n  events +[0-9]+,[0-9,]+: ");
  }

  /** A trace that a command needs a moment for. */
  private void writeLong(Path file) throws IOException {
    TraceText.Parsed start =
        TraceText.parse(
            new StringReader(
                """
                @kstrace.complete_start=true
                1 pin_create t=0 pin=0x10
                2 initialize pin=0x10 context=0x20 status=STATUS_SUCCESS framing={frames=4 size=64}
                3 allocate context=0x20 frame=0x10000
                4 free context=0x20 frame=0x10000
                """),
            file);
    try (TraceWriter writer = TraceWriter.create(file, start.metadata(), true)) {
      EventBatch two = new EventBatch(4);
      start.events().subList(0, 2).forEach(two::add);
      writer.write(two);
      two.clear();
      start.events().subList(2, 4).forEach(two::add);
      EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);
      for (int seq = 3; seq < 1_000_000; seq += 2) {
        batch.copy(batch.rows(), two, 0);
        batch.setRows(batch.rows() + 1);
        batch.copy(batch.rows(), two, 1);
        batch.setRows(batch.rows() + 1);
        batch.setSeq(batch.rows() - 2, seq);
        batch.setSeq(batch.rows() - 1, seq + 1);
        if (batch.isFull()) {
          writer.write(batch);
          batch.clear();
        }
      }
      writer.write(batch);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "replay long.arrow --target sim:default -o half.arrow",
        "cut long.arrow --from 3 -o half.arrow",
        "recover long.arrow -o half.arrow",
        "query long.arrow -o half.csv SELECT\u00a0*\u00a0FROM\u00a0calls"
      })
  void leavesNoHalfFileWhenInterrupted(String line) throws Exception {
    writeLong(cli.file("long.arrow"));
    List<String> words = new ArrayList<>();
    for (String word : line.split(" ", -1)) {
      words.add(word.replace('\u00a0', ' '));
    }
    Process process = kstrace(words.toArray(String[]::new)).start();
    try {
      while (process.isAlive() && parts().isEmpty()) {
        Thread.sleep(2);
      }
      int killed =
          new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
      assertThat(killed).as("1 where it has ended").isBetween(0, 1);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }

    assertThat(parts()).isEmpty();
    // Where the machine was too slow to interrupt it the output is whole.
    assertThat(process.exitValue()).as(err()).isIn(ExitCode.INTERRUPTED, ExitCode.OK);
    if (process.exitValue() == ExitCode.INTERRUPTED) {
      assertThat(err()).isEqualTo("kstrace: interrupted\n");
      assertThat(folder).isDirectoryNotContaining("glob:**/half.*");
    }
  }

  private List<Path> parts() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".part")).toList();
    }
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
