package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.ManyTraces.Found;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rules read {@code suspects} and {@code unfreed_frames}, small parts of {@code calls} and {@code
 * frames}: whatever the trace, they must not say less than on the whole tables.
 */
class SmallTablesTest {
  private static final int TRACES = 400;

  /** What random traces cannot have: addresses of a real machine, and calls of half a second. */
  private static final Set<String> UNMET =
      Set.of("user-address-from-kernel-allocator", "slow-callback");

  @Test
  void theSmallTablesHideNothingFromTheRules(@TempDir Path dir) throws Exception {
    ManyTraces traces = new ManyTraces();
    for (int seed = 1; seed <= TRACES; seed++) {
      RandomTraces.Trace trace = seed % 3 == 0 ? RandomTraces.of(seed) : RandomTraces.wild(seed);
      Path file = Traces.write(dir.resolve("trace.arrow"), trace.metadata(), trace.events());
      traces.addWhole("seed " + seed, file);
    }
    Map<String, List<Found>> small = traces.judge(RulePack.builtIn());
    Map<String, List<Found>> whole =
        traces.judge(RulePack.builtIn(), Map.of("suspects", "calls", "unfreed_frames", "frames"));

    assertThat(ManyTraces.differences(small, whole)).isEmpty();
    Set<String> met =
        whole.values().stream().flatMap(List::stream).map(Found::rule).collect(Collectors.toSet());
    assertThat(met)
        .containsAll(
            RulePack.builtIn().stream()
                .filter(rule -> rule.reads().get(0).matches("suspects|unfreed_frames"))
                .filter(rule -> !UNMET.contains(rule.id()))
                .map(Rule::id)
                .toList());
  }

  @Test
  void theOtherTablesOfSuspectsHideNothingEither(@TempDir Path dir) throws Exception {
    ManyTraces traces = new ManyTraces();
    for (int seed = 1; seed <= TraceCorpus.seeds(60); seed++) {
      add(traces, "pins " + seed, RandomPins.of(seed), dir);
      add(traces, "streams " + seed, RandomStreams.of(seed), dir);
      add(traces, "wild " + seed, RandomTraces.wild(seed), dir);
    }
    List<Rule> rules =
        RulePack.builtIn().stream()
            .filter(rule -> rule.reads().stream().anyMatch(table -> table.startsWith("suspect_")))
            .toList();
    Map<String, List<Found>> small = traces.judge(rules);
    Map<String, List<Found>> whole =
        traces.judge(
            rules,
            Map.of(
                "suspect_allocators", "allocators",
                "suspect_pins", "pins",
                "suspect_runs", "runs",
                "suspect_steps", "pin_states",
                "suspect_pin_framings", "pin_framings"));

    assertThat(ManyTraces.differences(small, whole)).isEmpty();
    assertThat(whole.values().stream().flatMap(List::stream).map(Found::rule).distinct())
        .hasSizeGreaterThan(20);
  }

  private static void add(ManyTraces traces, String name, RandomTraces.Trace trace, Path dir)
      throws IOException {
    Path file = Traces.write(dir.resolve("trace.arrow"), trace.metadata(), trace.events());
    traces.add(name, TraceFacts.of(file));
  }

  @Test
  void aCopyDoesNotOutliveItsTrace(@TempDir Path dir) throws Exception {
    Path first = Traces.write(dir.resolve("first.arrow"), trace("0x20", "0x30"));
    Path second = Traces.write(dir.resolve("second.arrow"), trace("0x70", "0x80"));
    List<Rule> readers =
        RulePack.builtIn().stream().filter(rule -> rule.reads().contains("suspects")).toList();
    Rule one = RulePack.named("double-free", readers);
    try (TraceDatabase database = TraceDatabase.open()) {
      Judge.judge(database, TraceFacts.of(first), readers);
      assertThat(Judge.judge(database, TraceFacts.of(second), List.of(one)).findings())
          .extracting(Finding::context)
          .containsExactly(0x70L);
    }
  }

  /** A pass keeps no rows of these, so that there is nothing to make a copy of. */
  @ParameterizedTest
  @ValueSource(strings = {"metadata", "events", "calls", "frames"})
  void manyRulesMayReadWhatAPassDoesNotKeep(String table, @TempDir Path dir) throws Exception {
    Path file = Traces.write(dir.resolve("trace.arrow"), trace("0x20", "0x30"));
    String sql =
        "SELECT 1 AS seq, []::UBIGINT[] AS related_seqs, NULL::UBIGINT AS pin, NULL::UBIGINT AS"
            + " context, NULL::UBIGINT AS frame, NULL::BIGINT AS alloc_id, 'all' AS site, 'info'"
            + " AS severity, 'certain' AS certainty, count(*) || ' rows' AS message FROM "
            + table;
    Rule reader = RuleGateTest.rule(sql, table);
    List<Rule> readers = Collections.nCopies(12, reader);

    assertThat(TraceFacts.of(file).isSmall(table)).isFalse();
    assertThat(TraceFacts.of(file).isSmall("allocators")).isTrue();
    assertThat(Judge.judge(TraceFacts.of(file), readers).findings())
        .hasSize(12)
        .extracting(Finding::message)
        .noneMatch("0 rows"::equals);
  }

  private static String trace(String context, String never) {
    return """
        1 pin_create pin=0x10
        2 initialize pin=0x10 context=CONTEXT status=STATUS_SUCCESS framing={options=0x2 size=64}
        3 allocate context=CONTEXT frame=0x1000
        4 free context=CONTEXT frame=0x1000
        5 free context=CONTEXT frame=0x1000
        6 free context=NEVER frame=0x1000
        7 delete context=CONTEXT
        8 trace_end
        """
        .replace("CONTEXT", context)
        .replace("NEVER", never);
  }
}
