package dev.kstrace.capture.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Compiles and runs C programs of the tests; where there is no compiler the test is skipped. */
public final class CPrograms {
  /** What a program did. */
  public record Result(int exitCode, String output) {}

  private CPrograms() {}

  /** Compiles a program of {@code src/test/c} without any warning. */
  public static Path compile(Path folder, String source) throws IOException, InterruptedException {
    return compile(folder.resolve(source + ".program"), "cc", source, "-Wpedantic", "-lpthread");
  }

  /**
   * Compiles a program of {@code src/test/c} without any warning.
   *
   * @param compiler its name; the test is skipped where there is none
   * @param options further ones, libraries last
   */
  static Path compile(Path program, String compiler, String source, String... options)
      throws IOException, InterruptedException {
    requireProgram(compiler);
    List<String> command =
        new ArrayList<>(
            List.of(compiler, "-std=gnu99", "-O2", "-Wall", "-Wextra", "-Werror", "-Isrc/main/c"));
    command.add("src/test/c/" + source);
    command.addAll(List.of("-o", program.toString()));
    command.addAll(List.of(options));
    Result result = run(Map.of(), command.toArray(String[]::new));
    assertThat(result.output()).isEmpty();
    assertThat(result.exitCode()).isZero();
    return program;
  }

  /** Runs a program to its end, within a minute. */
  public static Result run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return new Result(process.exitValue(), output);
  }

  /** Skips the test, and says so, where a program is not installed. */
  static void requireProgram(String name) throws InterruptedException {
    boolean found;
    try {
      found = run(Map.of(), name, "--version").exitCode() == 0;
    } catch (IOException e) {
      found = false;
    }
    Assumptions.assumeTrue(found, "skipped: there is no " + name);
  }
}
