package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Outputs that cannot be written, and files that must not be lost. */
final class OutputTest {
  private static final Path FULL = Path.of("/dev/full");

  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() throws IOException {
    cli = new Cli(folder);
    Samples.write(cli.file("in.arrow"), Samples.CLEAN);
    Files.writeString(cli.file("in.txt"), Samples.CLEAN);
  }

  /** Every command that writes a trace, without its output. */
  static List<String> writers() {
    return List.of(
        "capture sim --profile mic-pcm-48k-10ms",
        "replay @in.arrow --target sim:default",
        "text @in.txt");
  }

  private Cli.Result run(String command, String... more) {
    List<String> args = new ArrayList<>(List.of(command.split(" ", -1)));
    args.addAll(List.of(more));
    return cli.run(args.toArray(String[]::new));
  }

  private static void refused(Cli.Result result, String message) {
    assertThat(result.all()).isEqualTo("exit 2\nkstrace: " + message + "\n");
  }

  @ParameterizedTest
  @MethodSource("writers")
  void saysThatTheDiskIsFull(String command) {
    assumeThat(FULL).as("a device that is always full").exists();

    refused(
        run(command, "-f", "-o", "/dev/full"), "cannot write /dev/full: No space left on device");
  }

  @ParameterizedTest
  @MethodSource("writers")
  void keepsAFileThatExists(String command) throws IOException {
    Files.writeString(cli.file("precious"), "do not lose me");

    refused(
        run(command, "-o", "@precious"),
        "cannot write precious: it exists already; choose another name, or -f to replace it");
    assertThat(cli.file("precious")).hasContent("do not lose me");
  }

  @ParameterizedTest
  @MethodSource("writers")
  void replacesAFileWhenForced(String command) throws IOException {
    Files.writeString(cli.file("old"), "lose me");

    assertThat(run(command, "-f", "-o", "@old").code()).isZero();
    assertThat(cli.run("info", "@old").code()).isZero();
  }

  @ParameterizedTest
  @MethodSource("writers")
  void namesAFolderThatDoesNotExist(String command) {
    refused(
        run(command, "-o", "@no/out.arrow"),
        "cannot write no/out.arrow: its folder does not exist");
  }

  @ParameterizedTest
  @MethodSource("writers")
  void refusesAFolderAsOutput(String command) throws IOException {
    assumeThat(FULL).as("POSIX wording").exists();
    Files.createDirectory(cli.file("dir"));

    refused(run(command, "-f", "-o", "@dir"), "cannot write dir: Is a directory");
  }

  @ParameterizedTest
  @MethodSource("writers")
  void refusesAnOutputBelowAFile(String command) {
    assumeThat(FULL).as("POSIX wording").exists();

    refused(
        run(command, "-o", "@in.txt/out.arrow"), "cannot write in.txt/out.arrow: Not a directory");
  }

  @ParameterizedTest
  @MethodSource("writers")
  void saysThatWritingIsNotPermitted(String command) throws IOException {
    Path file = Files.writeString(cli.file("locked"), "keep");
    assumeThat(file.toFile().setWritable(false)).isTrue();
    assumeThat(Files.isWritable(file)).as("an administrator may write everything").isFalse();

    refused(
        run(command, "-f", "-o", "@locked"), "cannot write locked: no permission to write there");
    assertThat(file).hasContent("keep");
  }

  @Test
  void doesNotReplayOntoTheRecording() throws IOException {
    byte[] before = Files.readAllBytes(cli.file("in.arrow"));
    Files.createSymbolicLink(cli.file("alias.arrow"), cli.file("in.arrow"));

    for (String output : List.of("in.arrow", "alias.arrow")) {
      refused(
          cli.run("replay", "@in.arrow", "--target", "sim:default", "-f", "-o", "@" + output),
          "cannot write " + output + ": it is the input itself; choose another name");
    }
    assertThat(cli.file("in.arrow")).hasBinaryContent(before);
  }

  @Test
  void doesNotWriteATraceOntoItsText() {
    refused(
        cli.run("text", "@in.txt", "-f", "-o", "@in.txt"),
        "cannot write in.txt: it is the input itself; choose another name");
    assertThat(cli.file("in.txt")).hasContent(Samples.CLEAN);
  }

  @Test
  void keepsTheOutputWhereTheInputIsBad() throws IOException {
    Files.writeString(cli.file("precious"), "do not lose me");
    Files.writeString(cli.file("bad.txt"), "nonsense");

    cli.run("text", "@bad.txt", "-f", "-o", "@precious");
    cli.run("text", "@none.txt", "-f", "-o", "@precious");
    cli.run("replay", "@bad.txt", "--target", "sim:default", "-f", "-o", "@precious");
    cli.run("replay", "@none.arrow", "--target", "sim:default", "-f", "-o", "@precious");
    cli.run("replay", "@in.arrow", "--target", "sim:none", "-f", "-o", "@precious");
    cli.run("capture", "sim", "--profile", "none", "-f", "-o", "@precious");

    assertThat(cli.file("precious")).hasContent("do not lose me");
  }
}
