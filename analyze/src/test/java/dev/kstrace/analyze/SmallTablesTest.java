package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.ManyTraces.Found;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
}
