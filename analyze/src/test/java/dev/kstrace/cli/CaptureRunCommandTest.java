package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kstrace capture run}, with programs that every Unix has and one in C. */
final class CaptureRunCommandTest {
  private static final String NOTHING =
      "kstrace: the program recorded nothing; was it built with kstrace_probe.h or kstrace_ring.h,"
          + " and does it call them?\n";

  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() {
    Assumptions.assumeTrue(File.separatorChar == '/', "skipped: needs the commands of a Unix");
    cli = new Cli(folder, "", false, Map.of("PATH", System.getenv("PATH")));
  }

  @Test
  void passesTheExitCodeOn() {
    Cli.Result result = cli.run("capture", "run", "-o", "@t.arrow", "--", "sh", "-c", "exit 7");

    assertThat(result.all()).isEqualTo("exit 7\n" + NOTHING);
    assertThat(cli.run("info", "-q", "@t.arrow").code()).isZero();
  }

  @Test
  void leavesTheProgramsOptionsAlone() {
    Cli.Result result = cli.run("capture", "run", "-o", "@t.arrow", "sh", "-c", "exit 4", "-o");

    assertThat(result.code()).isEqualTo(4);
  }

  @Test
  void keepsTheOldTraceWhereThereIsNoSuchProgram() throws IOException {
    Files.writeString(cli.file("t.arrow"), "old");

    assertThat(cli.run("capture", "run", "-f", "-o", "@t.arrow", "no-such-program").all())
        .isEqualTo("exit 2\nkstrace: cannot run no-such-program: there is no such program\n");
    assertThat(cli.file("t.arrow")).hasContent("old");
  }

  @Test
  void refusesToReplaceATraceBeforeTheProgramRuns() throws IOException {
    Files.writeString(cli.file("t.arrow"), "old");
    String made = cli.file("made").toString();

    assertThat(cli.run("capture", "run", "-o", "@t.arrow", "touch", made).all())
        .isEqualTo(
            "exit 2\nkstrace: cannot write t.arrow: it exists already; choose another name, or -f"
                + " to replace it\n");
    assertThat(cli.file("made")).doesNotExist();
  }

  @Test
  void asksForAnOutputAndAProgram() {
    assertThat(cli.run("capture", "run", "true").all())
        .isEqualTo("exit 2\nkstrace: where to? give -o FILE\n");
    assertThat(cli.run("capture", "run", "-o", "@t.arrow").err())
        .isEqualTo("kstrace: missing required parameter: 'CMD' (see kstrace capture run --help)\n");
  }

  @Test
  void findingsMakeAFailureOfASuccessOnlyWithCheck() throws Exception {
    String program = compile();

    Cli.Result plain =
        cli.run("capture", "run", "-o", "@a.arrow", "--", program, "1", "40", "double-free");
    Cli.Result checked =
        cli.run(
            "capture", "run", "--check", "-o", "@b.arrow", "--", program, "1", "40", "double-free");

    assertThat(plain.all()).isEqualTo("exit 0\nrecorded 87 events of 1 process into a.arrow\n");
    assertThat(checked.code()).isEqualTo(1);
    assertThat(checked.out()).startsWith("b.arrow: 1 error\n").contains("error    double-free");
  }

  @Test
  void aRingLeavesADumpForAFindingThatIsOverwrittenLater() throws Exception {
    String[] command = {
      "capture", "run", "-q", "--ring", "1MB", "--flush-ms", "20", "--check", "-o", "@r.arrow", "--"
    };
    String[] all = Arrays.copyOf(command, command.length + 4);
    List<String> program = List.of(compile(), "1", "12000", "early");
    System.arraycopy(program.toArray(), 0, all, command.length, 4);
    Cli.Result checked = cli.run(all);

    assertThat(checked.code()).isEqualTo(1);
    assertThat(checked.err())
        .startsWith("kstrace: free-of-unknown-frame at seq 18, during phase ")
        .contains(": the ring is in r-1.arrow\n");
    assertThat(checked.out())
        .startsWith("r-1.arrow: 1 error\n")
        .contains("\nr.arrow: no findings\n")
        .contains("  next: kstrace explain r-1.arrow 18\n");
    assertThat(cli.file("r-2.arrow")).doesNotExist();
  }

  @Test
  void aFailedProgramStaysOne() throws Exception {
    Cli.Result killed =
        cli.run("capture", "run", "--check", "-o", "@a.arrow", "--", compile(), "1", "40", "kill");

    assertThat(killed.code()).isEqualTo(128 + 9);
    assertThat(killed.err()).contains(", cut: the program did not end in order");
    assertThat(killed.out()).startsWith("a.arrow: no findings\n");
  }

  private String compile() throws IOException, InterruptedException {
    String program = folder.resolve("program").toString();
    List<String> command =
        List.of(
            "cc",
            "-std=gnu99",
            "-I../capture/src/main/c",
            "../capture/src/test/c/ring_threads.c",
            "-o",
            program,
            "-lpthread");
    Process compiler;
    try {
      compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      return Assumptions.abort("skipped: no C compiler named cc");
    }
    String said = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(compiler.waitFor()).as(said).isZero();
    return program;
  }
}
