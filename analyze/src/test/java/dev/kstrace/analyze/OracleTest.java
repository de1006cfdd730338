package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.ManyTraces.Found;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tracker, tables and rules against a plain twin, finding by finding, on random small traces. */
class OracleTest {
  private static final int TRACES = 1500;

  private static final Map<String, List<Found>> expected = new TreeMap<>();
  private static final ManyTraces traces = new ManyTraces();

  @BeforeAll
  static void writeTraces(@TempDir Path dir) throws IOException {
    for (int seed = 1; seed <= TRACES; seed++) {
      RandomTraces.Trace trace = RandomTraces.of(seed);
      Path file = Traces.write(dir.resolve("trace.arrow"), trace.metadata(), trace.events());
      traces.add("seed " + seed, TraceFacts.of(file));
      expected.put("seed " + seed, Oracle.judge(trace));
    }
  }

  private static List<Rule> rules() {
    return RulePack.builtIn().stream().filter(rule -> Oracle.RULES.contains(rule.id())).toList();
  }

  @Test
  void rulesSayWhatThePlainTwinSays() throws SQLException {
    List<String> differences = ManyTraces.differences(traces.judge(rules()), expected);
    assertThat(differences.subList(0, Math.min(5, differences.size())))
        .as(differences.size() + " of " + TRACES)
        .isEmpty();
  }

  @Test
  void theTracesMeetEveryRuleCertainAndInDoubt() {
    Map<Boolean, TreeSet<String>> met =
        expected.values().stream()
            .flatMap(List::stream)
            .collect(
                Collectors.partitioningBy(
                    Found::certain,
                    Collectors.mapping(Found::rule, Collectors.toCollection(TreeSet::new))));
    assertThat(met.get(true)).containsAll(Oracle.RULES);
    assertThat(met.get(false)).containsAll(Oracle.RULES);
    assertThat(expected.values()).filteredOn(List::isEmpty).hasSizeGreaterThan(TRACES / 20);
  }
}
