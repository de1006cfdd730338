package dev.kstrace.capture.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Compiles and runs C programs of the tests; where there is no compiler the test is skipped. */
final class CPrograms {
  /** What a program did. */
  record Result(int exitCode, String output) {}

  private CPrograms() {}

  /** Compiles a program of {@code src/test/c} without any warning. */
  static Path compile(Path folder, String source) throws IOException, InterruptedException {
    Assumptions.assumeTrue(hasCompiler(), "skipped: no C compiler named cc");
    Path program = folder.resolve(source + ".program");
    Result result =
        run(
            Map.of(),
            "cc",
            "-std=gnu99",
            "-O2",
            "-Wall",
            "-Wextra",
            "-Wpedantic",
            "-Werror",
            "-Isrc/main/c",
            "src/test/c/" + source,
            "-o",
            program.toString(),
            "-lpthread");
    assertThat(result.output()).isEmpty();
    assertThat(result.exitCode()).isZero();
    return program;
  }

  /** Runs a program to its end, within a minute. */
  static Result run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return new Result(process.exitValue(), output);
  }

  private static boolean hasCompiler() throws InterruptedException {
    try {
      return run(Map.of(), "cc", "--version").exitCode() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
