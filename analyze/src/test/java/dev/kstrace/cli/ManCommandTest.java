package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kstrace man}, held to the readers of manual pages where they are installed. */
final class ManCommandTest {
  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() {
    cli = new Cli(folder);
  }

  /** What a program says of each page; skipped where it is not installed. */
  private void saysNothing(String... command) throws Exception {
    cli.run("man", "-o", "@man1");
    try (Stream<Path> pages = Files.list(cli.file("man1"))) {
      for (Path page : pages.sorted().toList()) {
        List<String> words = Stream.concat(Stream.of(command), Stream.of(page.toString())).toList();
        Process process;
        try {
          process =
              new ProcessBuilder(words)
                  .redirectErrorStream(true)
                  .redirectOutput(cli.file("out").toFile())
                  .start();
        } catch (IOException e) {
          assumeThat(false).as("skipped: no %s", command[0]).isTrue();
          return;
        }
        assertThat(process.waitFor()).isZero();
        assertThat(Files.readString(cli.file("out"), StandardCharsets.UTF_8))
            .as("%s of %s", command[0], page.getFileName())
            .isEmpty();
      }
    }
  }

  @Test
  void groffHasNothingToSay() throws Exception {
    saysNothing("groff", "-man", "-Tutf8", "-ww", "-z");
  }

  @Test
  void mandocHasNothingToSay() throws Exception {
    // A page without a date is the same tomorrow.
    saysNothing("mandoc", "-Tlint", "-Werror");
  }

  @Test
  void aPageSaysWhatHelpSays() {
    String page = cli.run("man", "capture", "sim").out();

    assertThat(page)
        .startsWith(".TH \"KSTRACE\\-CAPTURE\\-SIM\" \"1\"")
        .contains(".SH NAME\n\\&kstrace\\-capture\\-sim \\- record the simulated device\n")
        .contains(".TP\n\\fB\\-\\-profile\\fR \\fIID\\fR\n\\&The device, see \\-\\-list.\n")
        .contains("\\&kstrace capture sim \\-\\-profile mic\\-pcm\\-48k\\-10ms ")
        .endsWith(".SH SEE ALSO\n\\fBkstrace\\-capture\\fR(1)\n");
    assertThat(page.lines()).noneMatch(line -> line.startsWith("'"));
  }

  @Test
  void everyCommandHasAPage() throws IOException {
    Cli.Result result = cli.run("man", "-o", "@man1");

    assertThat(result.code()).isZero();
    assertThat(result.err()).matches("wrote \\d+ pages into man1\n");
    for (String name : Commands.names()) {
      assertThat(cli.file("man1/kstrace-" + name + ".1")).isNotEmptyFile();
    }
    assertThat(cli.file("man1/kstrace.1")).content().contains("\\fBkstrace\\-check\\fR(1)");
    assertThat(cli.file("man1/kstrace-warm-up.1")).doesNotExist();

    Files.writeString(cli.file("man1/kstrace.1"), "mine");
    assertThat(cli.run("man", "-o", "@man1").err())
        .isEqualTo(
            "kstrace: cannot write man1/kstrace.1: it exists already; choose another name, or -f"
                + " to replace it\n");
    assertThat(cli.file("man1/kstrace.1")).hasContent("mine");
    assertThat(cli.run("man", "-f", "-o", "@man1").code()).isZero();
    assertThat(cli.file("man1/kstrace.1")).content().startsWith(".TH");
  }

  @Test
  void namesWhatThereIsNot() {
    assertThat(cli.run("man", "capture", "tape").all())
        .isEqualTo(
            "exit 2\nkstrace: there is no command kstrace capture tape; kstrace --help lists"
                + " them\n");
    assertThat(cli.run("man", "check", "-o", "@man1").code()).isEqualTo(ExitCode.USAGE);
  }
}
