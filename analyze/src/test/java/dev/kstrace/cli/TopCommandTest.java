package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceText;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code kstrace top}. */
@Timeout(120)
final class TopCommandTest {
  private static final String TRACE =
      """
      @kstrace.complete_start=true
      1 pin_create t=0 pin=0x10 detail={"name":"capture"}
      2 initialize t=0 pin=0x10 context=0x20 status=STATUS_SUCCESS \
      framing={pool=NonPagedPool frames=1 size=4096 align=0x3f}
      3 allocate t=1000000 context=0x20 frame=0x10000
      4 allocate t=2000000 context=0x20 frame=0x20000
      5 allocate t=3000000 context=0x20 frame=0
      6 initialize t=3000000 pin=0x10 context=0x30 status=STATUS_SUCCESS
      7 free t=4000000 context=0x20 frame=0x20000
      8 delete t=5000000 context=0x30
      9 trace_end t=500000000
      """;
  private static final String TITLE =
      """
              time  allocator                outstanding   limit  allocates/s     oldest  failures
      """;
  private static final String AT_THE_END =
      """
          500.0 ms  #1 capture                         1       1          4.0   499.0 ms         1
          500.0 ms  #2 capture                         0       -            -          -         0  deleted
      """;

  @TempDir Path folder;
  private Cli cli;
  private List<TraceEvent> events;
  private TraceText.Parsed parsed;

  @BeforeEach
  void parse() throws IOException {
    cli = new Cli(folder);
    parsed = TraceText.parse(new StringReader(TRACE), Path.of("text"));
    events = parsed.events();
  }

  private static EventBatch batch(List<TraceEvent> events) {
    EventBatch batch = new EventBatch(events.size());
    events.forEach(batch::add);
    return batch;
  }

  @Test
  void showsTheEndOfATrace() throws IOException {
    Samples.write(cli.file("t.arrow"), TRACE);

    assertThat(cli.run("top", "@t.arrow").all()).isEqualTo("exit 0\n" + TITLE + AT_THE_END);
  }

  @Test
  void followsATraceUntilItEnds() throws Exception {
    Path file = Files.createFile(cli.file("t.arrow"));
    CompletableFuture<Cli.Result> top =
        CompletableFuture.supplyAsync(
            () -> cli.run("top", "@t.arrow", "--follow", "--interval", "0.05"));
    Thread.sleep(200); // an empty file is one whose recorder has just begun
    try (TraceWriter writer = TraceWriter.create(file, parsed.metadata(), true)) {
      Thread.sleep(200);
      writer.write(batch(events.subList(0, 4)));
      Thread.sleep(600);
      writer.write(batch(events.subList(4, 9)));
    }

    Cli.Result result = top.get(60, TimeUnit.SECONDS);

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out())
        .startsWith(TITLE)
        .contains("2.0 ms  #1 capture                         2       1      1,000.0     1.0 ms")
        .contains("500.0 ms  #1 capture                         1       1          0.0   499.0 ms");
    // Nothing is said where nothing happens.
    assertThat(result.out().lines().filter(line -> line.contains("  2.0 ms"))).hasSize(1);
  }

  @Test
  void drawsOverItsOwnTableOnATerminal() throws IOException {
    Samples.write(cli.file("t.arrow"), TRACE);
    Cli terminal = cli.onTerminal(Map.of("COLUMNS", "60", "LINES", "8", "NO_COLOR", "1"));

    String out = terminal.run("top", "@t.arrow", "--follow").out();

    assertThat(out).startsWith("t.arrow: 9 events, ended\u001b[K\n").endsWith("\u001b[K\n\u001b[J");
    assertThat(out.replaceAll("\u001b\\[[A-Z]", "").lines())
        .hasSize(4)
        .allMatch(line -> line.length() < 60);
    Cli small = cli.onTerminal(Map.of("COLUMNS", "60", "LINES", "7", "NO_COLOR", "1"));
    assertThat(small.run("top", "@t.arrow", "--follow").out()).contains("and 1 more");
  }

  @Test
  void refusesWhatItCannotWatch() throws IOException {
    Files.writeString(cli.file("x.arrow"), "no trace at all");

    assertThat(cli.run("top", "@none.arrow", "--follow").all())
        .isEqualTo("exit 3\nkstrace: cannot read none.arrow: there is no such file\n");
    assertThat(cli.run("top", "@x.arrow", "--follow").code()).isEqualTo(ExitCode.UNREADABLE);
    assertThat(cli.run("top", "@x.arrow", "--interval", "0").all())
        .isEqualTo("exit 2\nkstrace: --interval 0.0: expected seconds from 0.05 to 3600\n");
  }

  private static boolean isThere(String program) throws InterruptedException {
    try {
      return new ProcessBuilder(program, "-V").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** A recorder writes, a person watches in a real terminal, and ends it with Ctrl-C. */
  @Test
  void showsARecordingThatGoesOn() throws Exception {
    assumeThat(isThere("tmux")).as("skipped: no tmux").isTrue();
    String script = Path.of("src/test/shell/top.sh").toAbsolutePath().toString();
    Path out = cli.file("out");

    Process watching =
        new ProcessBuilder(
                "sh",
                script,
                folder.toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.kstrace.cli.Main")
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();

    assertThat(watching.waitFor(110, TimeUnit.SECONDS)).isTrue();
    String screen = Files.readString(out, StandardCharsets.UTF_8);
    assertThat(watching.exitValue()).as(screen).isZero();
    assertThat(screen).doesNotContain("Exception", "\tat ");
  }
}
