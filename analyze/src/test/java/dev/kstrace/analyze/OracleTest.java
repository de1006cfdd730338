package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.ManyTraces.Found;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tracker, tables and rules against plain twins, finding by finding, on random small traces. */
class OracleTest {
  /** Rules whose finding rests on one row and is never in doubt. */
  private static final Set<String> ALWAYS_CERTAIN =
      Set.of("null-context", "illegal-initialize-status", "incomplete-dispatch-table");

  @TempDir private Path dir;

  @Test
  void theRulesOfFramesAndOfTheirAllocators() throws Exception {
    assertSame(1500, Oracle.RULES, RandomTraces::of, Oracle::judge);
  }

  @Test
  void theRulesOfPinsAndTheirAllocators() throws Exception {
    assertSame(1000, PinOracle.RULES, RandomPins::of, PinOracle::judge);
  }

  @Test
  void theRulesOfStreaming() throws Exception {
    assertSame(400, StreamOracle.RULES, RandomStreams::of, StreamOracle::judge);
  }

  @Test
  void everyRuleOfLifeAndOfFramesHasATwin() {
    List<String> inScope = new ArrayList<>(RulePack.IDS);
    // The catalogue begins with them; those of framings follow.
    inScope.subList(inScope.indexOf("frame-smaller-than-framing"), inScope.size()).clear();
    inScope.add("kernel-allocator-on-user-connection");
    assertThat(Stream.of(Oracle.RULES, PinOracle.RULES, StreamOracle.RULES).flatMap(List::stream))
        .hasSize(30)
        .containsExactlyInAnyOrderElementsOf(inScope);
  }

  private void assertSame(
      int count,
      List<String> ids,
      LongFunction<RandomTraces.Trace> generator,
      Function<RandomTraces.Trace, List<Found>> twin)
      throws IOException, SQLException {
    ManyTraces traces = new ManyTraces();
    Map<String, List<Found>> expected = new TreeMap<>();
    for (int seed = 1; seed <= TraceCorpus.seeds(count); seed++) {
      RandomTraces.Trace trace = generator.apply(seed);
      Path file = Traces.write(dir.resolve("trace.arrow"), trace.metadata(), trace.events());
      traces.add("seed " + seed, TraceFacts.of(file));
      expected.put("seed " + seed, twin.apply(trace));
    }
    List<Rule> rules = RulePack.builtIn().stream().filter(rule -> ids.contains(rule.id())).toList();
    List<String> differences = ManyTraces.differences(traces.judge(rules), expected);
    assertThat(differences.subList(0, Math.min(5, differences.size())))
        .as(differences.size() + " of " + expected.size())
        .isEmpty();
    assertMeetsAll(expected.values(), ids);
  }

  /** A comparison of nothing with nothing would show nothing. */
  private static void assertMeetsAll(Collection<List<Found>> verdicts, List<String> ids) {
    Map<Boolean, TreeSet<String>> met =
        verdicts.stream()
            .flatMap(List::stream)
            .collect(
                Collectors.partitioningBy(
                    Found::certain,
                    Collectors.mapping(Found::rule, Collectors.toCollection(TreeSet::new))));
    assertThat(met.get(true))
        .containsAll(ids.stream().filter(id -> !id.equals("allocation-churn")).toList());
    assertThat(met.get(false))
        .containsAll(ids.stream().filter(id -> !ALWAYS_CERTAIN.contains(id)).toList());
    assertThat(verdicts).filteredOn(List::isEmpty).hasSizeGreaterThan(verdicts.size() / 20);
  }
}
