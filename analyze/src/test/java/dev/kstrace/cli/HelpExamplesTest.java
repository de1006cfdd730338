package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.kstrace.cli.describe.CommandTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every help text has an example, and every example can be typed as it stands. */
final class HelpExamplesTest {
  @TempDir static Path folder;
  private static ExampleSandbox sandbox;

  @BeforeAll
  static void fill() throws IOException {
    sandbox = new ExampleSandbox(folder);
  }

  private static CommandTree tree() {
    return CommandTree.of(Commands.commandLine(Cli.silent()));
  }

  static List<String> examples() {
    return tree().all().flatMap(command -> command.examples().stream()).toList();
  }

  @Test
  void everyCommandHasAnExampleOfItself() {
    assertThat(tree().all())
        .allSatisfy(
            command ->
                assertThat(command.examples())
                    .as("examples of %s", command.path())
                    .anyMatch(line -> line.startsWith(String.join(" ", command.path()))));
  }

  @ParameterizedTest
  @MethodSource("examples")
  void examplesRun(String line) {
    if (ExampleSandbox.needsCompiler(line)) {
      assumeThat(ExampleSandbox.hasCompiler()).as("a C compiler").isTrue();
    }

    Cli.Result result = sandbox.run(line);

    // A file that only examples have belongs into ExampleSandbox. What is found is no failure.
    assertThat(result.code())
        .as("%s%n%s", line, result.all())
        .isIn(ExitCode.OK, ExitCode.FINDINGS, ExitCode.DIVERGED, ExitCode.TARGET_DIED);
    assertThat(result.err()).as(line).doesNotContain("cannot", "there is no");
  }
}
