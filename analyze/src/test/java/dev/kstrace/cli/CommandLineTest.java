package dev.kstrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Command lines that cannot be carried out. */
final class CommandLineTest {
  private static final String MIC = "capture sim --profile mic-pcm-48k-10ms -o @x.arrow ";

  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() throws IOException {
    cli = new Cli(folder);
    Samples.write(cli.file("t.arrow"), Samples.CLEAN);
  }

  static List<String> commands() {
    return Commands.names();
  }

  @ParameterizedTest
  @CsvFileSource(resources = "misused.txt", delimiter = '|')
  void saysWhatIsWrongAndWhatWasMeant(String line, String message) {
    assertThat(cli.run(line.split(" ", -1)).all()).isEqualTo("exit 2\nkstrace: " + message + "\n");
  }

  @ParameterizedTest
  @CsvFileSource(resources = "numbers.txt", delimiter = '|')
  void refusesNumbersOutOfRange(String options, String message) {
    assertThat(cli.run((MIC + options).split(" ", -1)).all())
        .isEqualTo("exit 2\nkstrace: " + message + "\n");
    assertThat(cli.file("x.arrow")).doesNotExist();
  }

  @Test
  void listsTheProfilesWhereOneIsUnknown() {
    Cli.Result result = cli.run("capture", "sim", "--profile", "mic", "-o", "@x.arrow");

    assertThat(result.err())
        .startsWith("kstrace: unknown profile=mic, expected one of avshws-rgb24-qvga,")
        .contains(",mic-pcm-48k-10ms,");
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(cli.file("x.arrow")).doesNotExist();
  }

  @Test
  void listsTheFaultsWhereOneIsUnknown() {
    Cli.Result result = cli.run((MIC + "--fault skip-free,nope").split(" ", -1));

    assertThat(result.err())
        .startsWith("kstrace: unknown fault=nope, expected one of skip-free,double-free,");
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void saysWhichProfilesAFaultFits() {
    Cli.Result result =
        cli.run(
            "capture sim --profile avshws-yuy2-qvga --fault misalign -o @x.arrow".split(" ", -1));

    assertThat(result.err())
        .startsWith(
            "kstrace: fault=misalign cannot show on profile=avshws-yuy2-qvga, expected one of the"
                + " profiles cam-rgb24-vga,")
        .contains(" or one of the faults skip-free,");
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(cli.file("x.arrow")).doesNotExist();
  }

  @ParameterizedTest
  @CsvFileSource(resources = "targets.txt", delimiter = '|')
  void refusesTargetsThatCannotBeDriven(String options, String message) {
    Cli.Result result = cli.run(("replay @t.arrow -o @x.arrow " + options).split(" ", -1));

    assertThat(result.all()).isEqualTo("exit 2\nkstrace: " + message + "\n");
    assertThat(cli.file("x.arrow")).doesNotExist();
  }

  @Test
  void listsTheSimulatedTargets() {
    Cli.Result result = cli.run("replay", "@t.arrow", "--target", "sim:foo");

    assertThat(result.err())
        .startsWith(
            "kstrace: cannot use target sim:foo: no simulated allocator foo, expected one of"
                + " default,slab,reactos,");
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
  }

  @ParameterizedTest
  @CsvSource({
    "'capture sim --profile mic-pcm-48k-10ms -o EMPTY'",
    "'replay @t.arrow --target sim:slab -o EMPTY'",
    "'text @t.arrow -o EMPTY'",
    "'info EMPTY'",
    "'demo -o EMPTY'"
  })
  void refusesAnEmptyFileName(String line) {
    String[] args = line.split(" ", -1);
    for (int i = 0; i < args.length; i++) {
      args[i] = args[i].equals("EMPTY") ? "" : args[i];
    }

    assertThat(cli.run(args).all())
        .isEqualTo("exit 2\nkstrace: a file name is empty; give one, such as trace.arrow\n");
  }

  @Test
  void refusesAPathThatCannotBe() {
    Cli.Result result = cli.run("info", "a\0b");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).startsWith("kstrace: not a path: ").doesNotContain("\0");
  }

  @Test
  void pointsToHelpWithoutACommand() {
    assertThat(cli.run().all())
        .isEqualTo(
            "exit 2\nkstrace: no command given; kstrace --help lists them, kstrace demo shows"
                + " them\n");
  }

  @Test
  void printsItsVersion() {
    assertThat(cli.run("--version").all()).isEqualTo("exit 0\nkstrace development\n");
    assertThat(cli.run("-V").out()).isEqualTo("kstrace development\n");
  }

  @Test
  void listsEveryCommandInAWholeSentence() {
    Cli.Result help = cli.run("--help");

    assertThat(help.code()).isZero();
    assertThat(help.err()).isEmpty();
    String list = help.out().substring(help.out().indexOf("Commands:\n"));
    for (String name : Commands.names()) {
      assertThat(list).containsPattern("\n  " + name + " +[A-Z][^\n]*\\.\n");
    }
    assertThat(list).doesNotContain("warm-up");
    assertThat(list)
        .contains(
            """

            Exit codes: 0 done, 1 findings at or above --fail-on, 2 usage, 3 input unreadable,
            4 replay diverged, 5 replay target died, 70 a bug of kstrace, 130 interrupted.
            """);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helpsWithEveryCommand(String command) {
    Cli.Result help = cli.run(command, "--help");

    assertThat(help.code()).isZero();
    assertThat(help.err()).isEmpty();
    assertThat(help.out()).startsWith("Usage: kstrace " + command + " ");
    assertThat(help.out().lines()).allMatch(line -> line.length() <= 100);
  }

  @Test
  void reportsOurOwnFaultWithItsStackTrace() {
    assertThat(ExitCode.graver(ExitCode.INTERNAL, ExitCode.USAGE)).isEqualTo(ExitCode.INTERNAL);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int code;
    try (PrintStream err = new PrintStream(bytes, true, UTF_8)) {
      code = Failure.report(new IllegalStateException("oops"), err);
    }

    assertThat(code).isEqualTo(ExitCode.INTERNAL);
    assertThat(bytes.toString(UTF_8))
        .startsWith("kstrace: this is a bug in kstrace, not in your trace; please report it")
        .contains("IllegalStateException: oops", "\tat dev.kstrace.cli.CommandLineTest.");
  }

  @Test
  void ordersExitCodesByWhatTheySay() {
    int[] order = {70, 2, 3, 5, 4, 1, 0};
    for (int graver = 0; graver < order.length; graver++) {
      for (int other = graver; other < order.length; other++) {
        assertThat(ExitCode.graver(order[graver], order[other])).isEqualTo(order[graver]);
        assertThat(ExitCode.graver(order[other], order[graver])).isEqualTo(order[graver]);
      }
    }
  }
}
