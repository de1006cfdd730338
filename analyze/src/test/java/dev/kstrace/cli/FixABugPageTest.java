package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kstrace.replay.host.CCompiler;
import dev.kstrace.replay.host.NativeBuildException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the commands of docs/fix-a-bug.md, from the crash to the clean replay. */
final class FixABugPageTest {
  private static final Pattern BLOCK = Pattern.compile("```console\n(.*?)```", Pattern.DOTALL);
  private static final Pattern FILE = Pattern.compile("(native:)?([\\w-]+\\.(?:arrow|so|c))");

  /** Exit codes of the commands that do not end with 0, by how they begin. */
  private static final Map<String, Integer> CODES =
      Map.of("kstrace replay cam.arrow --target native:faulty.so", ExitCode.TARGET_DIED);

  @TempDir Path folder;
  private Cli cli;
  private int failures;

  private record Step(String command, List<String> expected) {}

  private static List<Step> steps() throws IOException {
    List<Step> steps = new ArrayList<>();
    Matcher block = BLOCK.matcher(Files.readString(ReadmeTest.ROOT.resolve("docs/fix-a-bug.md")));
    while (block.find()) {
      for (String line : block.group(1).lines().toList()) {
        if (line.startsWith("$ ")) {
          steps.add(new Step(line.substring(2), new ArrayList<>()));
        } else {
          steps.get(steps.size() - 1).expected().add(line);
        }
      }
    }
    return steps;
  }

  @Test
  void leadsFromACrashToAFix() throws Exception {
    needSanitizer();
    Files.copy(
        ReadmeTest.ROOT.resolve("replay/src/test/c/pool_frames.c"),
        folder.resolve("pool_frames.c"));
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("KSTRACE_CACHE", folder.resolve("cache").toString());
    cli = new Cli(folder, "", false, environment);

    List<Step> steps = steps();
    for (Step step : steps) {
      assertThat(run(step.command())).as(step.command()).matches(pattern(step.expected()));
    }

    assertThat(steps).hasSizeGreaterThan(10);
    assertThat(failures).as("runs of the test on the faulty driver").isEqualTo(1);
    assertThat(cli.run("check", "-q", "@fixed.arrow").out())
        .contains(": 1 error\n", "error    double-free  1 finding");
  }

  /** Three dots stand for anything; what is not shown may be there where they end a block. */
  private static Pattern pattern(List<String> expected) {
    if (expected.isEmpty()) {
      return Pattern.compile(".*", Pattern.DOTALL);
    }
    StringBuilder all = new StringBuilder();
    for (String line : expected) {
      String rest = line.equals("...") ? "...\0" : line + "\n";
      all.append(Pattern.quote(rest).replace("...\0", "\\E(?s:.*)\\Q").replace("...", "\\E.*\\Q"));
    }
    return Pattern.compile(all.toString());
  }

  private String run(String command) throws IOException, InterruptedException {
    if (!command.startsWith("kstrace ")) {
      return shell(command);
    }
    List<String> words = new ArrayList<>();
    for (String word : command.substring("kstrace ".length()).split(" ", -1)) {
      Matcher file = FILE.matcher(word);
      if (!file.matches()) {
        words.add(word);
      } else if (file.group(1) == null) {
        words.add("@" + word);
      } else {
        words.add("native:" + folder.resolve(file.group(2)));
      }
    }
    Cli.Result result = cli.run(words.toArray(new String[0]));
    int expected =
        CODES.entrySet().stream()
            .filter(entry -> command.startsWith(entry.getKey()))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse(ExitCode.OK);
    assertThat(result.code()).as("%s%n%s", command, result.all()).isEqualTo(expected);
    return result.out() + result.err();
  }

  private String shell(String command) throws IOException, InterruptedException {
    String shim = folder.resolve(cli.run("build-target", "--shim").out().strip()).toString();
    Path said = folder.resolve("said.txt");
    Process process =
        new ProcessBuilder("sh", "-c", command.replace("$(kstrace build-target --shim)", shim))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    failures += process.waitFor() == 0 ? 0 : 1;
    return Files.readString(said, StandardCharsets.UTF_8);
  }

  private void needSanitizer() throws IOException, InterruptedException {
    try {
      CCompiler compiler = CCompiler.find(System.getenv());
      Path empty = Files.writeString(folder.resolve("empty.c"), "int x;\n");
      List<String> line = new ArrayList<>(compiler.command());
      line.addAll(List.of("-shared", "-fsanitize=address", empty.toString(), "-o"));
      line.add(folder.resolve("empty.so").toString());
      Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      assumeTrue(process.waitFor() == 0, "skipped: the C compiler has no AddressSanitizer");
    } catch (NativeBuildException e) {
      assumeTrue(false, "skipped: " + e.getMessage());
    }
  }
}
