package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kstrace.cli.describe.CommandTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code kstrace completion}, in the shells themselves where they are installed. */
@Timeout(120)
final class CompletionCommandTest {
  private static final List<String> SHELLS = List.of("bash", "zsh", "fish", "powershell");

  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() throws IOException {
    cli = new Cli(folder);
    Files.createFile(cli.file("some-trace.arrow"));
    Files.createDirectory(cli.file("some-folder"));
  }

  private static void needs(String program) {
    try {
      assumeThat(new ProcessBuilder(program, "--version").start().waitFor())
          .as("skipped: no %s", program)
          .isZero();
    } catch (IOException e) {
      assumeThat(false).as("skipped: no %s", program).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Path script(String shell, String name) throws IOException {
    Cli.Result result = cli.run("completion", shell);
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    return Files.writeString(cli.file(name), result.out());
  }

  private List<String> lines(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(cli.file("err").toFile())
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(Files.readString(cli.file("err")) + out).isZero();
    assertThat(cli.file("err")).isEmptyFile();
    return out.lines().toList();
  }

  private List<String> inBash(String typed) throws Exception {
    String breaks = "COMP_WORDBREAKS=$' \\t\\n\"\\'><=;|&(:'";
    String line = "source ./script; " + breaks + "; COMP_LINE=\"$1\"; COMP_POINT=${#COMP_LINE};";
    return lines(
        "bash",
        "--norc",
        "-c",
        line + "_kstrace; ((${#COMPREPLY[@]} == 0)) || printf '%s\\n' \"${COMPREPLY[@]}\"",
        "bash",
        typed);
  }

  @Test
  void completesInBash() throws Exception {
    needs("bash");
    script("bash", "script");

    assertThat(inBash("kstrace che")).containsExactly("check");
    assertThat(inBash("kstrace ")).containsAll(Commands.names()).doesNotContain("warm-up");
    assertThat(inBash("kstrace capture ")).contains("sim", "run", "etl");
    assertThat(inBash("kstrace check --fail")).containsExactly("--fail-on");
    assertThat(inBash("kstrace check --fail-on "))
        .containsExactly("error", "warning", "info", "never");
    assertThat(inBash("kstrace check --fail-on=ne")).containsExactly("never");
    assertThat(inBash("kstrace check -q --fail-on never some"))
        .containsExactlyInAnyOrder("some-folder", "some-trace.arrow");
    assertThat(inBash("kstrace check --rules some")).containsExactly("some-folder");
    assertThat(inBash("kstrace capture sim --profile mic")).containsExactly("mic-pcm-48k-10ms");
    assertThat(inBash("kstrace rules show double-f")).containsExactly("double-free");
    assertThat(inBash("kstrace completion ")).containsExactlyElementsOf(SHELLS);
    assertThat(inBash("kstrace replay --seed ")).isEmpty();
    // A value that looks like a command is none.
    assertThat(inBash("kstrace check -o capture some-t")).containsExactly("some-trace.arrow");
  }

  @Test
  void completesInZsh() throws Exception {
    needs("zsh");
    needs("tmux");
    script("zsh", "_kstrace");

    lines(
        "sh",
        Path.of("src/test/shell/completion-zsh.sh").toAbsolutePath().toString(),
        folder.toString());
  }

  private List<String> inFish(String typed) throws Exception {
    List<String> words = new ArrayList<>();
    for (String line :
        lines("fish", "--no-config", "-c", "source script; complete -C '" + typed + "'")) {
      words.add(line.split("\t", 2)[0]);
    }
    return words;
  }

  @Test
  void completesInFish() throws Exception {
    needs("fish");
    script("fish", "script");

    assertThat(inFish("kstrace che")).containsExactly("check");
    assertThat(inFish("kstrace ")).containsAll(Commands.names()).doesNotContain("warm-up");
    assertThat(inFish("kstrace capture ")).contains("sim", "run", "etl").doesNotContain("check");
    assertThat(inFish("kstrace check --fail")).containsExactly("--fail-on");
    assertThat(inFish("kstrace check --fail-on "))
        .containsExactlyInAnyOrder("error", "warning", "info", "never");
    assertThat(inFish("kstrace check -q some")).contains("some-trace.arrow");
    assertThat(inFish("kstrace capture sim --profile mic")).containsExactly("mic-pcm-48k-10ms");
    assertThat(inFish("kstrace rules show double-f")).containsExactly("double-free");
  }

  /** The language's grammar as editors have it finds nothing wrong, and the strings as meant. */
  @Test
  void powerShellsGrammarUnderstandsIt() throws Exception {
    TestReaders.modules();
    Path script = script("powershell", "script.ps1");

    JsonNode read =
        new ObjectMapper().readTree(TestReaders.node("powershell.mjs", List.of(script.toString())));

    assertThat(read.get("faults")).isEmpty();
    List<String> entries = new ArrayList<>();
    read.get("tables").forEach(entry -> entries.add(entry.get(0).asText() + entry.get(1).asText()));
    List<String> expected = new ArrayList<>();
    for (CommandTree command : CommandTree.of(Commands.commandLine(Cli.silent())).all().toList()) {
      expected.add(String.join(" ", command.path()) + "null");
      expected.add("wordsnull");
      for (CommandTree child : command.children()) {
        expected.addAll(List.of("text" + child.name(), "tip" + child.sentence()));
      }
      command.arguments().stream()
          .flatMap(argument -> argument.values().words().stream())
          .forEach(word -> expected.addAll(List.of("text" + word, "tip" + word)));
      expected.add("optionsnull");
      for (CommandTree.Option option : command.options()) {
        for (String name : option.names()) {
          expected.addAll(List.of("text" + name, "tip" + option.description()));
        }
      }
      expected.add("valuednull");
      for (CommandTree.Option option : command.options()) {
        for (String name : option.isFlag() ? List.<String>of() : option.names()) {
          expected.add(name + "null");
          boolean words = option.values().kind() == CommandTree.Kind.WORDS;
          for (String word : words ? option.values().words() : List.<String>of()) {
            expected.addAll(List.of("text" + word, "tip" + word));
          }
        }
      }
    }
    assertThat(entries).isEqualTo(expected);
  }

  /** Nobody has run the script for PowerShell; what can be said of it without is said here. */
  @Test
  void powerShellGetsEveryCommandAndOption() {
    String script = cli.run("completion", "powershell").out();

    CommandTree root = CommandTree.of(Commands.commandLine(Cli.silent()));
    assertThat(root.all())
        .allSatisfy(
            command -> {
              assertThat(script).contains("'" + String.join(" ", command.path()) + "' = @{");
              List<String> names =
                  command.options().stream()
                      .filter(option -> !option.isFlag())
                      .flatMap(option -> option.names().stream())
                      .toList();
              assertThat(names)
                  .allSatisfy(name -> assertThat(script).contains("'" + name + "' = @("));
              // Keys of its tables are the same in capitals and small letters.
              assertThat(names.stream().map(name -> name.toLowerCase(Locale.ROOT)))
                  .doesNotHaveDuplicates();
            });
    // A shell of old reads it in the code page of its console, and takes no empty tip.
    assertThat(script).matches("[\\n\\x20-\\x7e]*").doesNotContain("tip = ''");
    assertThat(script.chars().filter(c -> c == '{').count())
        .isEqualTo(script.chars().filter(c -> c == '}').count());
  }

  @Test
  void shellsAreTheOnesItKnows() {
    assertThat(cli.run("completion", "tcsh").all())
        .isEqualTo(
            "exit 2\nkstrace: no completion for shell tcsh, expected one of bash, zsh, fish,"
                + " powershell\n");
    for (String shell : SHELLS) {
      assertThat(cli.run("completion", shell)).isEqualTo(cli.run("completion", shell));
    }
  }
}
