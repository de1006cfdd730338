package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EarlyVerdictTest {
  private static final int SEEDS = TraceCorpus.seeds(30);
  private static final int PARTS = 2;

  @TempDir private Path dir;

  private final List<Rule> rules = EarlyVerdict.rules(RulePack.builtIn());

  @Test
  void theWholeTraceHasWhatWasSaidOfAPart() throws Exception {
    int said = 0;
    for (int seed = 1; seed <= SEEDS; seed++) {
      RandomTraces.Trace trace = seed % 2 == 0 ? RandomTraces.of(seed) : RandomTraces.wild(seed);
      Path file = writeInBatchesOf(5, trace);
      List<Finding> early = new ArrayList<>();
      Random random = new Random(seed);
      int every = 1 + trace.events().size() / 5 / PARTS;
      TraceFacts whole =
          TraceFacts.of(
              file,
              new PassOptions(
                  false,
                  ReadProgress.NONE,
                  soFar -> {
                    if (random.nextInt(every) == 0) {
                      early.addAll(judged(soFar));
                    }
                  }));
      List<Finding> all = Judge.judge(whole, RulePack.builtIn()).findings();
      for (Finding finding : early) {
        assertThat(finding.certain()).isTrue();
        assertThat(all)
            .as("seed " + seed + ": " + finding)
            .anyMatch(
                other ->
                    other.rule().equals(finding.rule())
                        && other.seq() == finding.seq()
                        && (other.severity() == finding.severity() || isLowered(whole, other)));
      }
      said += early.size();
    }
    assertThat(said).isGreaterThan(SEEDS);
  }

  /** Where the order turned out to be broken. */
  private static boolean isLowered(TraceFacts facts, Finding finding) {
    Long allocator = finding.allocId();
    return finding.severity() == Severity.INFO
        && allocator != null
        && facts.allocators().get(Math.toIntExact(allocator - 1)).orderDoubt;
  }

  private List<Finding> judged(TraceFacts soFar) {
    try {
      return EarlyVerdict.of(soFar, rules);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private Path writeInBatchesOf(int rows, RandomTraces.Trace trace) throws Exception {
    EventBatch all = new EventBatch(trace.events().size());
    trace.events().forEach(all::add);
    Path file = dir.resolve("whole.arrow");
    try (TraceWriter writer = TraceWriter.create(file, trace.metadata(), true)) {
      for (int row = 0; row < all.rows(); row += rows) {
        writer.write(all, row, Math.min(rows, all.rows() - row));
      }
    }
    return file;
  }

  @Test
  void whatNeedsTheEndIsNotSaid() throws Exception {
    Path file = dir.resolve("trace.arrow");
    LargeTraceGenerator.write(file, LargeTraceGenerator.Shape.FRESH, 40_000, 1);
    TraceFacts facts = TraceFacts.of(file);
    assertThat(EarlyVerdict.of(facts, rules))
        .extracting(Finding::rule)
        .contains("double-free", "free-of-unknown-frame")
        .doesNotContain("frame-leak"); // it needs the end
  }

  @Test
  void rulesThatReadTheFileOrWaitForTheEndAreLeftOut() {
    assertThat(rules).extracting(Rule::id).contains("double-free", "use-after-delete");
    assertThat(rules)
        .extracting(Rule::id)
        .doesNotContain("frame-leak", "starvation", "outstanding-growth");
    assertThat(rules)
        .allSatisfy(
            rule ->
                assertThat(rule.reads())
                    .doesNotContain("events", "calls", "frames", "unfreed_frames", "runs"));
  }
}
