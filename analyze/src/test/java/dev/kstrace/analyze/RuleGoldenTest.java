package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.ManyTraces.Found;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every rule against traces written as text: {@code rules/RULE/hit*.txt} shows what it reports,
 * {@code near-miss*.txt} what it passes over.
 *
 * <p>A file says with {@code # expect: [RULE] SEVERITY seq=N CERTAINTY} what all rules together
 * must say of it, and nothing else may be said; RULE is the folder's where it is left out.
 */
class RuleGoldenTest {
  static final Path FOLDER = Path.of("src/test/resources/rules");
  private static final Pattern EXPECT =
      Pattern.compile(
          "# expect: (?:([a-z-]+) )?(error|warning|info) seq=(\\d+) (certain|possible)");

  private static Map<String, List<Found>> verdicts = Map.of();

  @BeforeAll
  static void judgeAll(@TempDir Path dir) throws IOException, SQLException {
    ManyTraces traces = new ManyTraces();
    for (Path file : files(FOLDER)) {
      Path trace = Traces.write(dir.resolve("trace.arrow"), text(file));
      traces.add(name(file), TraceFacts.of(trace));
    }
    verdicts = traces.judge(RulePack.builtIn());
  }

  @Test
  void rulesSayWhatTheFilesExpect() throws IOException {
    Map<String, List<Found>> expected = new TreeMap<>();
    for (Path file : files(FOLDER)) {
      expected.put(name(file), expectations(file));
    }
    assertThat(ManyTraces.differences(verdicts, expected)).isEmpty();
    assertThat(verdicts).hasSameSizeAs(expected);
  }

  @Test
  void aHitExpectsItsRuleAndANearMissDoesNot() throws IOException {
    for (Path file : files(FOLDER)) {
      String rule = rule(file);
      boolean hit = file.getFileName().toString().startsWith("hit");
      assertThat(expectations(file).stream().map(Found::rule).anyMatch(rule::equals))
          .as(name(file))
          .isEqualTo(hit);
    }
  }

  @Test
  void everyRuleHasAHitAndANearMiss() {
    for (String rule : RulePack.IDS) {
      assertThat(FOLDER.resolve(rule).resolve("hit.txt")).isRegularFile();
      assertThat(FOLDER.resolve(rule).resolve("near-miss.txt")).isRegularFile();
    }
  }

  @Test
  void everyFileBelongsToARule() throws IOException {
    for (Path file : files(FOLDER)) {
      assertThat(RulePack.IDS).contains(rule(file));
      assertThat(file.getFileName().toString()).matches("(hit|near-miss)(-[a-z-]+)?\\.txt");
    }
  }

  static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }

  private static String name(Path file) {
    return rule(file) + "/" + file.getFileName();
  }

  private static String rule(Path file) {
    return FOLDER.relativize(file).getName(0).toString();
  }

  private static List<Found> expectations(Path file) throws IOException {
    List<Found> expected = new ArrayList<>();
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      if (line.contains("expect")) {
        Matcher match = EXPECT.matcher(line);
        assertThat(match.matches()).as(file + ": " + line).isTrue();
        expected.add(
            new Found(
                match.group(1) == null ? rule(file) : match.group(1),
                Severity.of(match.group(2)),
                match.group(4).equals("certain"),
                Long.parseLong(match.group(3))));
      }
    }
    expected.sort(null);
    return expected;
  }
}
