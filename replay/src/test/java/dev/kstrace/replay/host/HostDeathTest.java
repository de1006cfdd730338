package dev.kstrace.replay.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kstrace.replay.NativeReplays;
import dev.kstrace.replay.ReplayEngine;
import dev.kstrace.replay.ReplayOptions;
import dev.kstrace.replay.ReplayReport;
import dev.kstrace.replay.TargetDeath;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** However a target ends, the replay knows in which call and says why. */
class HostDeathTest {
  private static final String RECORDING =
      """
      @kstrace.complete_start=true
      1 initialize irql=0 thread=4 pin=0x10 context=0xA status=STATUS_SUCCESS framing={frames=4 size=64}
      2 allocate irql=0 thread=4 context=0xA frame=0x5000
      3 allocate irql=0 thread=5 context=0xA frame=0x6000
      4 free irql=0 thread=4 context=0xA frame=0x5000
      5 allocate irql=0 thread=4 context=0xA frame=0x5000
      6 free irql=0 thread=5 context=0xA frame=0x6000
      7 free irql=0 thread=4 context=0xA frame=0x5000
      8 delete irql=0 thread=4 context=0xA
      9 trace_end
      """;

  private static final int HANGS = 5;

  @TempDir Path folder;

  private static Path fatal(int how, String... options) {
    String[] all = new String[options.length + 4];
    System.arraycopy(options, 0, all, 4, options.length);
    all[0] = "-shared";
    all[1] = "-fPIC";
    all[2] = "-w";
    all[3] = "-DFATAL=" + how;
    return Natives.plain("fatal.c", all);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1  | SIGSEGV (signal 11): fault address 0x10
          2  | SIGABRT (signal 6): about to end
          3  | SIGABRT (signal 6): free(): double free detected in tcache 2
          4  | exit: the target called exit, code 7
          5  | hang: no call has returned for 0.5 s
          8  | SIGSEGV (signal 11): fault address
          9  | SIGFPE (signal 8): fault address
          10 | exit: its process ended with code 0
          """)
  void saysHowATargetEndedAndInWhichCall(int how, String reason) {
    HostOptions options =
        new HostOptions(
            "FatalDispatch", how == HANGS ? 500 : 60_000, false, false, Natives.environment());
    NativeReplays.Outcome outcome =
        NativeReplays.run(RECORDING, Natives.start(fatal(how), options));

    TargetDeath death = outcome.report().death();
    assertThat(death).isNotNull();
    assertThat(death.text()).startsWith("target died at seq 5: " + reason);
    assertThat(death.event()).startsWith("5 allocate callback");
    assertThat(death.cause()).endsWith(" in allocate").doesNotContainPattern("0x|SIG.*\\d: .*\\d");
    assertThat(death.output()).first().isEqualTo("about to end");
    assertThat(outcome.lines()).hasSize(4).last().asString().startsWith("4 free");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          6 | address   | AddressSanitizer: heap-use-after-free on address
          1 | address   | AddressSanitizer: SEGV on unknown address 0x000000000010
          3 | address   | AddressSanitizer: attempting double-free on
          7 | undefined | UndefinedBehaviorSanitizer: SOURCE:signed integer overflow
          """)
  void quotesTheReportOfASanitizer(int how, String sanitizer, String reason) {
    Path library = fatal(how, "-g", "-fsanitize=" + sanitizer, "-fno-sanitize-recover=all");

    TargetDeath death =
        NativeReplays.run(RECORDING, Natives.start(library, "FatalDispatch")).report().death();

    assertThat(death).isNotNull();
    assertThat(death.text().replaceAll("\\S+fatal.c:\\d+:\\d+: runtime error: ", "SOURCE:"))
        .startsWith("target died at seq 5: " + reason);
    assertThat(death.text()).doesNotContain("pid").doesNotContain("==");
    assertThat(String.join("\n", death.output())).contains("allocate", "fatal.c");
  }

  @Test
  void tellsTheStoryOfTheFrameAndKeepsTheTrace() throws IOException {
    Path recording = NativeReplays.write(folder.resolve("in.arrow"), RECORDING);
    Path replayed = folder.resolve("out.arrow");
    try (HostTarget target = Natives.start(fatal(1), "FatalDispatch")) {
      ReplayReport report =
          new ReplayEngine(ReplayOptions.DEFAULTS).run(recording, target, replayed, false);

      assertThat(report.death().story())
          .extracting(line -> line.substring(0, line.indexOf(" callback")))
          .containsExactly("1 initialize", "2 allocate", "4 free", "5 allocate");
    }
    StringBuilder text = new StringBuilder();
    try (TraceReader reader = TraceReader.open(replayed)) {
      TraceText.write(reader, text);
    }
    assertThat(text).contains("\n4 free ").doesNotContain("\n5 ");
  }

  @Test
  void goesOnPastDeathsWhereAsked() throws IOException {
    Path recording = NativeReplays.write(folder.resolve("in.arrow"), RECORDING);
    Path replayed = folder.resolve("out.arrow");
    Path library = fatal(2);

    ReplayReport report =
        new ReplayEngine(ReplayOptions.DEFAULTS)
            .runPastDeaths(
                recording, () -> Natives.start(library, "FatalDispatch"), replayed, false, 5);

    assertThat(report.death()).isNull();
    assertThat(report.survived()).extracting(TargetDeath::seq).containsExactly(5L);
    StringBuilder text = new StringBuilder();
    try (TraceReader reader = TraceReader.open(replayed)) {
      TraceText.write(reader, text);
    }
    assertThat(text)
        .contains("\n5 mark ", "the target died in it, SIGABRT (signal 6)")
        .contains("\n6 free ", "\n7 mark ", "\n8 delete ", "\n9 trace_end ");
  }

  @Test
  void leavesNoFileAndNoProcessBehind() throws IOException, InterruptedException {
    long before = leftovers();
    for (int how : new int[] {1, 4}) {
      NativeReplays.run(RECORDING, Natives.start(fatal(how), "FatalDispatch"));
    }
    assertThat(leftovers()).isEqualTo(before);
    assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive)).isEmpty();
  }

  private static long leftovers() throws IOException {
    long count = 0;
    for (Path place :
        new Path[] {Path.of("/dev/shm"), Path.of(System.getProperty("java.io.tmpdir"))}) {
      if (Files.isDirectory(place)) {
        try (java.util.stream.Stream<Path> files = Files.list(place)) {
          count +=
              files
                  .filter(
                      file -> file.getFileName().toString().matches("kstrace.*\\.(host|stderr)"))
                  .count();
        }
      }
    }
    return count;
  }

  @Test
  void refusesWhatIsNoTarget() throws IOException {
    Path library = fatal(1);
    assertThatThrownBy(() -> Natives.start(library, "NoSuchTable"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith(
            "NoSuchTable: the library exports no such symbol (a static table has to lose its"
                + " static, a const one in C++ needs extern)");
    Path text = Files.writeString(folder.resolve("text.so"), "no library");
    assertThatThrownBy(() -> Natives.start(text, "FatalDispatch"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot load the library: " + text);
    assertThatThrownBy(() -> Natives.start(folder.resolve("none.so"), "FatalDispatch"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there is no file");
  }

  @Test
  void saysClearlyThatThereIsNoCompiler() {
    Path library = fatal(1);
    for (Map<String, String> environment :
        java.util.List.of(Map.of("PATH", "/nonexistent"), Map.of("CC", "/nonexistent/cc -m64"))) {
      assertThatThrownBy(() -> Natives.start(library, HostOptions.of("T", environment)))
          .isInstanceOf(NativeBuildException.class)
          .message()
          .contains("C compiler");
    }
  }
}
