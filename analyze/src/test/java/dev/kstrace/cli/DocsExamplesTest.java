package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Command lines in blocks of the documents can be typed as they stand. */
final class DocsExamplesTest {
  /** Blocks that show something else, such as jobs of a CI host, or are run by another test. */
  private static final Set<String> OTHER_LANGUAGES = Set.of("console", "yaml", "groovy", "toml");

  /** Examples that are not run, and why not. */
  private static final Map<String, String> NOT_RUN =
      Map.of(
          "./kstrace capture run --check -o threads.arrow -- ./probe_threads 4 20000",
          "ProbeTest builds and runs that program",
          "kstrace minimize cam.arrow --divergence --target java:com.example.Frames -cp classes"
              + " -o small.arrow",
          "the class is the reader's own; MinimizeCommandTest minimizes divergences",
          "kstrace export small.arrow --format junit-test --target java:com.example.Frames"
              + " -o DoubleFreeTest.java",
          "the class is the reader's own; ExportTestsTest writes such tests",
          "kstrace replay mic.arrow --target T --explore 200",
          "takes seconds; ReplayExploreTest runs it with fewer",
          "kstrace minimize mic.arrow --schedule 17 --target T --crash -o small.arrow",
          "nothing of that kind dies; ReplayExploreTest cuts down an order",
          "kstrace capture sim --profile mic-pcm-48k-10ms --frames 500000 --ring 64MB -o mic.arrow",
          "takes seconds; RingTest and CaptureOptionsTest run it with fewer frames");

  @TempDir static Path folder;
  private static ExampleSandbox sandbox;

  @BeforeAll
  static void fill() throws IOException {
    sandbox = new ExampleSandbox(folder);
  }

  /** Every line of a block that calls kstrace, with lines that it goes on in. */
  static List<String> examples() throws IOException {
    List<String> examples = new ArrayList<>();
    for (DocsPage page : DocsPage.all()) {
      for (DocsPage.Block block : page.blocks()) {
        if (!OTHER_LANGUAGES.contains(block.language())) {
          block
              .text()
              .replace("\\\n", " ")
              .lines()
              .map(String::strip)
              .filter(line -> line.matches("(\\./)?kstrace .*"))
              .forEach(examples::add);
        }
      }
    }
    return examples;
  }

  @Test
  void exceptionsAreExamples() throws IOException {
    assertThat(examples()).containsAll(NOT_RUN.keySet());
  }

  @ParameterizedTest
  @MethodSource("examples")
  void examplesRun(String line) {
    assumeThat(NOT_RUN).doesNotContainKey(line);
    if (ExampleSandbox.needsCompiler(line)) {
      assumeThat(ExampleSandbox.hasCompiler()).as("a C compiler").isTrue();
    }

    // T stands for any target.
    Cli.Result result = sandbox.run(line.replace("--target T ", "--target sim:default "));

    assertThat(result.code()).as("%s%n%s", line, result.all()).isIn(0, 1, 4, 5);
  }
}
