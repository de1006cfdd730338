package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the documents show of a terminal is what a terminal shows. Blocks of {@code console} of the
 * pages that name this test are run from the first to the last, in one folder for each page; a
 * block of C whose first line is a comment with a name is that file, and a block of {@code diff}
 * changes the last one. {@code -Dgolden.update=true} writes the answers anew.
 */
final class DocsConsoleTest {
  private static final Pattern NAMED = Pattern.compile("/\\* ([a-z]+\\.c) \\*/");

  @TempDir Path folder;

  static List<Path> pages() throws IOException {
    return DocsPage.all().stream()
        .filter(page -> page.text().contains("DocsConsoleTest")) // others have tests of their own
        .filter(page -> page.blocks().stream().anyMatch(block -> isConsole(block)))
        .map(page -> ReadmeTest.ROOT.relativize(page.file()))
        .toList();
  }

  private static boolean isConsole(DocsPage.Block block) {
    return block.language().equals("console");
  }

  @ParameterizedTest
  @MethodSource("pages")
  void answersAreWhatTheCommandsSay(Path name) throws IOException {
    DocsPage page = DocsPage.of(ReadmeTest.ROOT.resolve(name));
    if (page.text().contains("build-target")) {
      assumeThat(ExampleSandbox.hasCompiler()).as("a C compiler").isTrue();
    }
    ExampleSandbox sandbox = new ExampleSandbox(folder);
    StringBuilder written = new StringBuilder();
    int end = 0;
    Path source = folder;
    for (DocsPage.Block block : page.blocks()) {
      Matcher named = NAMED.matcher(block.text());
      if (block.language().equals("c") && named.lookingAt()) {
        source = Files.writeString(sandbox.file(named.group(1)), block.text());
      } else if (block.language().equals("diff")) {
        Files.writeString(source, changed(Files.readString(source), block.text()));
      } else if (isConsole(block)) {
        written.append(page.text(), end, block.start());
        for (String command : commands(block.text())) {
          Cli.Result result = sandbox.run(command);
          assertThat(result.code()).as(command + result.err()).isIn(0, 1, 4, 5);
          written.append("$ ").append(command).append('\n');
          written.append(result.out()).append(result.err());
        }
        end = block.start() + block.text().length();
      }
    }
    written.append(page.text(), end, page.text().length());
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(page.file(), written);
    }
    assertThat(page.text()).isEqualTo(written.toString());
  }

  /**
   * The commands of a block: from a dollar sign up to the end of the line that closes its quotes.
   */
  private static List<String> commands(String block) {
    List<String> commands = new ArrayList<>();
    StringBuilder open = new StringBuilder();
    for (String line : block.lines().toList()) {
      if (!open.isEmpty()) {
        open.append('\n').append(line);
      } else if (line.startsWith("$ ")) {
        open.append(line.substring(2));
      }
      if (!open.isEmpty() && open.chars().filter(c -> c == '"').count() % 2 == 0) {
        commands.add(open.toString());
        open.setLength(0);
      }
    }
    assertThat(open).as("a command whose quotes are closed").isEmpty();
    return commands;
  }

  private static String changed(String text, String diff) {
    List<String> old = new ArrayList<>();
    List<String> made = new ArrayList<>();
    diff.lines().forEach(line -> (line.startsWith("-") ? old : made).add(line.substring(1)));
    String before = String.join("\n", old);
    assertThat(text).contains(before);
    return text.replace(before, String.join("\n", made));
  }
}
