package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hostile traces harm nobody: no command crashes, hangs, runs out of memory or prints what a
 * terminal would obey.
 *
 * <p>The long form: {@code mvn -pl analyze -am test -Dtest=HostileTraceTest
 * -Dsurefire.failIfNoSpecifiedTests=false -Dkstrace.fuzz.runs=100000 -Dkstrace.fuzz.seed=1}.
 */
class HostileTraceTest {
  @TempDir private Path folder;

  @Test
  void hostileFilesHarmNoCommand() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(
                java,
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                FuzzRun.class.getName(),
                folder.toString(),
                System.getProperty("kstrace.fuzz.seed", "1"),
                System.getProperty("kstrace.fuzz.runs", "300"))
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    System.out.print(said);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).contains(" runs, exit codes {");
  }

  @Test
  void hostileTextsAreHarmlessInCsvAndWholeInParquet() throws IOException {
    Path trace = folder.resolve("hostile.arrow");
    EventBatch batch = new EventBatch(1000);
    HostileFiles.hostileEvents().forEach(batch::add);
    try (TraceWriter writer = TraceWriter.create(trace, HostileFiles.hostileMetadata(), false)) {
      writer.write(batch);
    }
    Cli cli = new Cli(folder);
    String texts = "SELECT seq, text FROM marks WHERE text IS NOT NULL ORDER BY seq";
    assertThat(cli.run("query", "@hostile.arrow", texts, "-o", "@t.csv").code()).isZero();
    PrintedText csv = new PrintedText();
    csv.write(Files.readAllBytes(folder.resolve("t.csv")));
    assertThat(csv.firstRaw()).isNull();
    assertThat(Files.readString(folder.resolve("t.csv")))
        .contains("\"'=cmd|' /C calc'!A0\"", "\"'+1+1\\u000d\\u000a-2\\u0009@SUM(A1)\"")
        .doesNotContainPattern("\"[=+@-]");
    assertThat(cli.run("query", "@hostile.arrow", texts, "-o", "@t.parquet").code()).isZero();
    String parquet = "SELECT * FROM '" + folder.resolve("t.parquet") + "' ORDER BY seq";
    assertThat(cli.run("query", "--format", "json", "--allow-io", "@hostile.arrow", parquet).out())
        .isEqualTo(cli.run("query", "--format", "json", "@hostile.arrow", texts).out())
        .contains("\\u001B[2J", "=cmd|' /C calc'!A0");
  }

  @Test
  void nothingOfATraceReachesATerminalUnescaped() throws IOException {
    Path trace = folder.resolve("hostile\u001b[31m\u202e.arrow");
    EventBatch batch = new EventBatch(1000);
    HostileFiles.hostileEvents().forEach(batch::add);
    try (TraceWriter writer = TraceWriter.create(trace, HostileFiles.hostileMetadata(), false)) {
      writer.write(batch);
    }
    Path broken = folder.resolve("broken\u001b[31m\u202e.arrow");
    byte[] bytes = Files.readAllBytes(trace);
    bytes[bytes.length / 2] ^= 1;
    Files.write(broken, bytes);
    Path none = folder.resolve("none\u001b[31m\u202e.arrow");
    Path out = folder.resolve("out\u001b[31m\u202e.arrow");
    for (Path file : List.of(trace, broken, none)) {
      for (String[] command : ReadingCommands.of(file, trace, out)) {
        PrintedText printed = new PrintedText();
        PrintedText words = new PrintedText();
        PrintStream outStream = new PrintStream(printed, true, StandardCharsets.UTF_8);
        PrintStream errStream = new PrintStream(words, true, StandardCharsets.UTF_8);
        Console console =
            new Console(
                new ByteArrayInputStream(new byte[0]),
                outStream,
                errStream,
                true,
                true,
                Map.of("NO_COLOR", "1", "COLUMNS", "100"),
                folder,
                () -> 0, // nothing lasts, so that no bar is drawn and taken away
                () -> LocalDate.EPOCH);
        int code = Main.run(console, command);
        outStream.flush();
        String line = String.join(" ", command);
        assertThat(code).as(line + words.beginning()).isBetween(0, 5);
        assertThat(printed.firstRaw()).as(line).isNull();
        assertThat(words.firstRaw()).as(line).isNull();
      }
    }
  }
}
