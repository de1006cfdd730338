package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Inputs that are no traces, given to every command that reads one. */
final class BadInputTest {
  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() {
    cli = new Cli(folder);
  }

  /** Every command that reads a trace; FILE stands for it. */
  static List<String> readers() {
    return List.of(
        "info FILE",
        "check FILE",
        "check --format json FILE",
        "query FILE COUNT_EVENTS",
        "text FILE",
        "replay FILE --target sim:default");
  }

  private Cli.Result run(String command, String file) {
    List<String> args = new ArrayList<>();
    for (String word : command.split(" ", -1)) {
      args.add(
          word.equals("FILE")
              ? "@" + file
              : word.replace("COUNT_EVENTS", "SELECT count(detail) FROM events"));
    }
    return cli.run(args.toArray(String[]::new));
  }

  private void refuses(String command, String file, String message) {
    Cli.Result result = run(command, file);
    assertThat(result.err()).isEqualTo("kstrace: " + message + "\n");
    assertThat(result.code()).isEqualTo(ExitCode.UNREADABLE);
    if (command.contains("json")) {
      assertThat(result.out()).contains("\"error\": \"" + message + "\"");
    } else {
      assertThat(result.out()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("readers")
  void refusesAMissingFile(String command) {
    refuses(command, "none.arrow", "cannot read none.arrow: there is no such file");
  }

  @ParameterizedTest
  @MethodSource("readers")
  void refusesAPathBelowAFile(String command) throws IOException {
    assumeThat(Path.of("/dev/null")).as("POSIX wording").exists();
    Files.writeString(cli.file("file"), "text");

    refuses(command, "file/x.arrow", "cannot read file/x.arrow: Not a directory");
  }

  @ParameterizedTest
  @MethodSource("readers")
  void refusesADirectory(String command) throws IOException {
    Files.createDirectory(cli.file("dir"));

    refuses(command, "dir", "dir: is a directory; expected a trace file (*.arrow)");
  }

  @ParameterizedTest
  @MethodSource("readers")
  void refusesAFileWithoutPermission(String command) throws IOException {
    Path file = Samples.write(cli.file("secret.arrow"), Samples.CLEAN);
    assumeThat(file.toFile().setReadable(false)).isTrue();
    assumeThat(Files.isReadable(file)).as("an administrator may read everything").isFalse();

    refuses(command, "secret.arrow", "cannot read secret.arrow: no permission to read it");
  }

  @ParameterizedTest
  @MethodSource("readers")
  void refusesAnEmptyFile(String command) throws IOException {
    Files.createFile(cli.file("empty.arrow"));

    refuses(
        command,
        "empty.arrow",
        "empty.arrow: is empty; expected an Arrow IPC file that begins with ARROW1");
  }

  @ParameterizedTest
  @MethodSource("readers")
  void refusesAFileThatIsNotArrow(String command) throws IOException {
    Files.writeString(cli.file("letter.txt"), "Dear Sir or Madam");

    refuses(
        command, "letter.txt", "letter.txt: is not an Arrow file: it does not begin with ARROW1");
  }

  @ParameterizedTest
  @MethodSource("readers")
  void refusesAFileShorterThanAnyNumberInIt(String command) throws IOException {
    Files.writeString(cli.file("x"), "x");

    refuses(command, "x", "x: is not an Arrow file: it does not begin with ARROW1");
  }

  @ParameterizedTest
  @MethodSource("readers")
  void refusesAnArrowStream(String command) throws IOException {
    Files.write(cli.file("stream"), new byte[] {-1, -1, -1, -1, 16, 0, 0, 0});

    refuses(
        command,
        "stream",
        "stream: is an Arrow IPC stream; expected an Arrow IPC file that begins with ARROW1");
  }

  @ParameterizedTest
  @MethodSource("readers")
  void refusesArrowThatIsNoTrace(String command) throws IOException {
    Samples.writePatched(
        cli.file("other.arrow"), Samples.CLEAN, "kstrace.version", "someone.version");

    refuses(
        command,
        "other.arrow",
        "other.arrow: is an Arrow file but no trace: its schema metadata have no kstrace.version;"
            + " expected kstrace.version=1.x");
  }

  @ParameterizedTest
  @MethodSource("readers")
  void refusesATraceWithoutARequiredColumn(String command) throws IOException {
    Samples.writePatched(cli.file("lacking.arrow"), Samples.CLEAN, "context", "konteks");

    refuses(
        command,
        "lacking.arrow",
        "lacking.arrow: has no column context; the trace format requires seq, op, layer, t_entry,"
            + " context and frame");
  }

  @ParameterizedTest
  @MethodSource("readers")
  void refusesAColumnOfAnotherType(String command) throws IOException {
    Samples.writePatched(
        cli.file("typed.arrow"), Samples.CLEAN, "detail", "DETAIL", "status", "detail");

    refuses(command, "typed.arrow", "typed.arrow: has column detail of type int32; expected utf8");
  }

  @ParameterizedTest
  @MethodSource("readers")
  void refusesANewerMajorVersion(String command) throws IOException {
    String text = "@kstrace.version=1.777\n" + Samples.CLEAN;
    Samples.writePatched(cli.file("new.arrow"), text, "1.777", "2.777");

    refuses(
        command,
        "new.arrow",
        "new.arrow: is written in trace format 2.777; this kstrace reads version 1.x. Use a kstrace"
            + " of that version, or convert the trace");
  }

  @ParameterizedTest
  @MethodSource("readers")
  void refusesATraceCutBeforeItsSchema(String command) throws IOException {
    Samples.writeCut(cli.file("cut.arrow"), Samples.CLEAN, 100);

    refuses(command, "cut.arrow", "cut.arrow: is an Arrow file without a schema; expected a trace");
  }

  @ParameterizedTest
  @MethodSource("readers")
  void refusesADamagedBatch(String command) throws IOException {
    Path file = Samples.write(cli.file("bad.arrow"), Samples.CLEAN);
    Samples.writePatched(file, Samples.CLEAN, "{\"name\"", "{\"nome\"");

    Cli.Result result = run(command, "bad.arrow");

    assertThat(result.err())
        .matches(
            "kstrace: bad\\.arrow: is damaged in batch 0 at byte [0-9]+: the checksum is wrong:"
                + " kstrace\\.crc32c says [0-9a-f]{8}, the body gives [0-9a-f]{8}\n");
    assertThat(result.code()).isEqualTo(ExitCode.UNREADABLE);
  }

  @ParameterizedTest
  @MethodSource("readers")
  void readsATruncatedTraceAsFarAsItGoes(String command) throws IOException {
    Path file = Samples.writeWithoutFooter(cli.file("cut.arrow"), Samples.CLEAN);
    Files.write(file, new byte[100], java.nio.file.StandardOpenOption.APPEND);

    Cli.Result result = run(command, "cut.arrow");

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isEqualTo(ExitCode.OK);
  }

  @Test
  void namesTheFileThatFailedAmongSeveral() throws IOException {
    Samples.write(cli.file("good.arrow"), Samples.CLEAN);

    Cli.Result result = cli.run("query", "@good.arrow", "@none.arrow", "SELECT 1");

    assertThat(result.all())
        .isEqualTo("exit 3\nkstrace: cannot read none.arrow: there is no such file\n");
  }

  @Test
  void showsTheOtherFilesWhenOneIsBad() throws IOException {
    Samples.write(cli.file("a.arrow"), Samples.CLEAN);
    Samples.write(cli.file("b.arrow"), Samples.CLEAN);

    Cli.Result result = cli.run("info", "@a.arrow", "@none.arrow", "@b.arrow");

    assertThat(result.err()).isEqualTo("kstrace: cannot read none.arrow: there is no such file\n");
    assertThat(result.out()).startsWith("a.arrow\n").contains("\nb.arrow\n");
    assertThat(result.code()).isEqualTo(ExitCode.UNREADABLE);
  }

  @ParameterizedTest
  @MethodSource("readers")
  void keepsHostileFileNamesOffTheTerminal(String command) {
    Cli.Result result = run(command, "none\u001b[2J\u202e.arrow");

    assertThat(result.err())
        .isEqualTo("kstrace: cannot read none\\u001b[2J\\u202e.arrow: there is no such file\n");
    assertThat(result.out()).doesNotContain("\u001b", "\u202e");
  }

  @Test
  void keepsHostileMetadataOffTheTerminal() throws IOException {
    String evil = "\u001b[2J\nkstrace: all is well";
    TraceMetadata metadata = TraceMetadata.of(Map.of(TraceMetadata.VERSION, evil));
    TraceWriter.create(cli.file("evil.arrow"), metadata, false).close();

    Cli.Result result = cli.run("check", "@evil.arrow");

    assertThat(result.err())
        .isEqualTo(
            "kstrace: evil.arrow: has kstrace.version=\\u001b[2J\\nkstrace: all is well;"
                + " expected major.minor such as 1.0\n");
  }

  @Test
  void tellsTheLineOfABadText() throws IOException {
    Files.writeString(cli.file("bad.txt"), "# fine\n\n1 allocate\n2 alocate frame=1\n");

    Cli.Result result = cli.run("text", "@bad.txt", "-o", "@out.arrow");

    assertThat(result.err())
        .startsWith(
            "kstrace: bad.txt: line 4: unknown operation alocate, expected initialize, allocate,")
        .hasLineCount(1);
    assertThat(result.code()).isEqualTo(ExitCode.UNREADABLE);
    assertThat(cli.file("out.arrow")).doesNotExist();
  }

  @Test
  void writesNoTraceThatNobodyCouldRead() throws IOException {
    Files.writeString(cli.file("new.txt"), "@kstrace.version=2.0\n" + Samples.CLEAN);

    assertThat(cli.run("text", "@new.txt", "-o", "@out.arrow").all())
        .isEqualTo(
            "exit 3\nkstrace: new.txt: is written in trace format 2.0; this kstrace reads version"
                + " 1.x. Use a kstrace of that version, or convert the trace\n");
    assertThat(cli.file("out.arrow")).doesNotExist();
  }

  @Test
  void refusesATextThatIsNoUtf8() throws IOException {
    Files.write(cli.file("latin.txt"), new byte[] {'#', (byte) 0xE4, '\n'});

    assertThat(cli.run("text", "@latin.txt", "-o", "@out.arrow").all())
        .isEqualTo(
            "exit 3\nkstrace: cannot read latin.txt: it is no UTF-8 text;"
                + " expected the output of kstrace text\n");
  }
}
