package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.ManyTraces.Found;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Calls at the edges of the rules, {@code boundaries/NAME.txt}: each trace has exactly the errors
 * and warnings that it names, and any information.
 */
class BoundaryTest {
  private static final Path FOLDER = Path.of("src/test/resources/boundaries");
  private static final Pattern EXPECTED =
      Pattern.compile("# expect: ([a-z-]+ (?:error|warning) seq=\\d+)");

  @Test
  void everyTraceHasTheErrorsAndWarningsThatItNames(@TempDir Path dir) throws Exception {
    ManyTraces traces = new ManyTraces();
    Map<String, List<String>> expected = new TreeMap<>();
    for (Path file : RuleGoldenTest.files(FOLDER)) {
      String name = file.getFileName().toString();
      String text = RuleGoldenTest.text(file);
      traces.add(name, TraceFacts.of(Traces.write(dir.resolve("trace.arrow"), text)));
      expected.put(
          name, EXPECTED.matcher(text).results().map(found -> found.group(1)).sorted().toList());
    }
    Map<String, List<String>> found = new TreeMap<>();
    traces
        .judge(RulePack.builtIn())
        .forEach((name, findings) -> found.put(name, errorsAndWarnings(findings)));
    assertThat(found).isEqualTo(expected).hasSizeGreaterThan(40);
  }

  private static List<String> errorsAndWarnings(List<Found> findings) {
    return findings.stream()
        .filter(found -> found.severity() != Severity.INFO)
        .map(found -> found.rule() + " " + found.severity().label() + " seq=" + found.seq())
        .sorted()
        .toList();
  }
}
