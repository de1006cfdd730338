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
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          chekc x                   | there is no command 'chekc'; did you mean check? (see kstrace --help)
          frobnicate                | there is no command 'frobnicate' (see kstrace --help)
          --frobnicate              | there is no option --frobnicate (see kstrace --help)
          --verson                  | there is no option --verson; did you mean --version? (see kstrace --help)
          check --fromat x t        | there is no option --fromat; did you mean --format? (see kstrace check --help)
          capture smi               | there is no command 'smi'; did you mean sim? (see kstrace capture --help)
          rules lst                 | there is no command 'lst'; did you mean list? (see kstrace rules --help)
          text a b                  | one argument too many: 'b' (see kstrace text --help)
          replay a b                | one argument too many: 'b' (see kstrace replay --help)
          rules show a b            | one argument too many: 'b' (see kstrace rules show --help)
          capture                   | capture what? see kstrace capture --help
          rules                     | list or show? see kstrace rules --help
          info                      | missing required parameter: 'FILE' (see kstrace info --help)
          check                     | missing required parameter: 'FILE' (see kstrace check --help)
          replay --target sim:slab  | missing required parameter: 'FILE' (see kstrace replay --help)
          text                      | missing required parameter: 'FILE' (see kstrace text --help)
          rules show                | missing required parameter: 'ID' (see kstrace rules show --help)
          check --format xml x      | invalid value for option '--format': expected one of table, json but was 'xml' (see kstrace check --help)
          check --fail-on bad x     | invalid value for option '--fail-on': expected one of error, warning, info, never but was 'bad' (see kstrace check --help)
          check --color red x       | invalid value for option '--color': expected one of auto, always, never but was 'red' (see kstrace check --help)
          query --format xls x y    | invalid value for option '--format': expected one of table, csv, json but was 'xls' (see kstrace query --help)
          replay --on-divergence x y| invalid value for option '--on-divergence': expected one of continue, stop but was 'x' (see kstrace replay --help)
          check --disable nope x    | there is no rule nope (kstrace rules list)
          check --disable double-fre x | there is no rule double-fre; did you mean double-free? (kstrace rules list)
          rules show Double-Free    | there is no rule Double-Free; did you mean double-free? (kstrace rules list)
          capture sim               | which device? give --profile ID; kstrace capture sim --list shows them
          capture sim --profile     | missing required parameter for option '--profile' (ID) (see kstrace capture sim --help)
          capture sim --profile mic-pcm-48k-10ms | where to? give -o FILE
          """)
  void saysWhatIsWrongAndWhatWasMeant(String line, String message) {
    assertThat(cli.run(line.split(" ", -1)).all()).isEqualTo("exit 2\nkstrace: " + message + "\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --frames 0    | frames=0, expected at least 1
          --frames -1   | frames=-1, expected at least 1
          --threads 0   | threads=0, expected 1 to 64
          --threads 65  | threads=65, expected 1 to 64
          --seed abc    | invalid value for option '--seed': 'abc' is not a whole number of 64 bits (see kstrace capture sim --help)
          --threads 1e3 | invalid value for option '--threads': '1e3' is not a whole number of 32 bits (see kstrace capture sim --help)
          """)
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
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --seed 1                | which target? give --target java:CLASS, sim:PROFILE or sim:PROFILE+FAULT
          --target foo            | unknown target, target=foo, expected java:CLASS, sim:ALLOCATOR or sim:PROFILE
          --target java:no.Such   | cannot use target java:no.Such: class not found on an empty class path
          --target java:java.lang.String | cannot use target java:java.lang.String: it does not implement dev.kstrace.capture.AllocatorDispatch
          --target java:no.Such --class-path nope.jar | --class-path names nope.jar, which does not exist
          """)
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
