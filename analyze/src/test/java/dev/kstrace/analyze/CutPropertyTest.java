package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.ManyTraces.Found;
import dev.kstrace.traces.Place;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceCut;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceRecovery;
import dev.kstrace.traces.TraceStructure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a cut or a rescue leaves out makes nobody a culprit. */
class CutPropertyTest {
  private static final int SEEDS = TraceCorpus.seeds(60);

  @TempDir private Path dir;

  private final ManyTraces traces = new ManyTraces();

  /** The trace that each other one was made of. */
  private final Map<String, String> wholes = new LinkedHashMap<>();

  @Test
  void aCutHasNoCertainFindingThatTheWholeTraceLacks() throws Exception {
    for (int seed = 1; seed <= SEEDS; seed++) {
      RandomTraces.Trace trace = seed % 2 == 0 ? RandomTraces.of(seed) : RandomTraces.wild(seed);
      Path whole = Traces.write(dir.resolve("whole.arrow"), trace.metadata(), trace.events());
      Random random = new Random(seed);
      traces.add("whole " + seed, TraceFacts.of(whole));
      for (int i = 0; i < 4; i++) {
        List<TraceEvent> events = trace.events();
        int from = random.nextInt(events.size());
        int to = from + random.nextInt(events.size() - from);
        Place begin = i == 3 ? null : Place.parse(Long.toString(events.get(from).seq()));
        Place end = i == 2 ? null : Place.parse(Long.toString(events.get(to).seq()));
        Path part = dir.resolve("part.arrow");
        TraceCut.Kept kept = new TraceCut(begin, end).write(whole, part, true, ReadProgress.NONE);
        assertThat(kept.events())
            .isEqualTo((end == null ? events.size() - 1 : to) - (begin == null ? 0 : from) + 1);
        add("seed " + seed + " from " + begin + " to " + end, part, "whole " + seed);
      }
    }
    assertNothingCertainIsNew(50);
  }

  @Test
  void aRescuedTraceHasNoCertainFindingThatTheWholeTraceLacks() throws Exception {
    for (int seed = 1; seed <= SEEDS; seed++) {
      RandomTraces.Trace trace = RandomTraces.ofDistinctContexts(seed);
      Path whole = writeInBatchesOf(4, trace);
      traces.add("whole " + seed, TraceFacts.of(whole));
      Random random = new Random(seed);
      byte[] bytes = Files.readAllBytes(whole);
      for (int i = 0; i < 4; i++) {
        byte[] damaged = bytes.clone();
        int begin = 1200 + random.nextInt(bytes.length - 1200);
        int end = Math.min(bytes.length, begin + 1 + random.nextInt(i % 2 == 0 ? 40 : 4000));
        java.util.Arrays.fill(damaged, begin, end, (byte) random.nextInt());
        if (i == 3) {
          damaged = java.util.Arrays.copyOf(damaged, begin);
        }
        TraceStructure structure =
            TraceStructure.of(Files.write(dir.resolve("damaged.arrow"), damaged));
        TraceRecovery recovery = TraceRecovery.of(structure);
        if (!recovery.isNothing()) {
          Path rescued = dir.resolve("rescued.arrow");
          recovery.write(rescued, true, ReadProgress.NONE);
          add("seed " + seed + " damaged at " + begin + ".." + end, rescued, "whole " + seed);
        }
      }
    }
    assertNothingCertainIsNew(50);
  }

  private Path writeInBatchesOf(int rows, RandomTraces.Trace trace) throws IOException {
    Path file = dir.resolve("whole.arrow");
    dev.kstrace.traces.EventBatch all = new dev.kstrace.traces.EventBatch(trace.events().size());
    trace.events().forEach(all::add);
    try (dev.kstrace.traces.TraceWriter writer =
        dev.kstrace.traces.TraceWriter.create(file, trace.metadata(), true)) {
      for (int row = 0; row < all.rows(); row += rows) {
        writer.write(all, row, Math.min(rows, all.rows() - row));
      }
    }
    return file;
  }

  private void add(String name, Path file, String whole) throws IOException {
    traces.add(name, TraceFacts.of(file));
    wholes.put(name, whole);
  }

  private void assertNothingCertainIsNew(int least) throws Exception {
    Map<String, List<Found>> verdicts = traces.judge(RulePack.builtIn());
    List<String> wrong = new ArrayList<>();
    int certain = 0;
    for (Map.Entry<String, String> made : wholes.entrySet()) {
      List<Found> whole = verdicts.get(made.getValue());
      for (Found found : verdicts.get(made.getKey())) {
        if (!PartOfTrace.claims(found)) {
          continue;
        }
        certain++;
        if (!PartOfTrace.has(whole, found)) {
          wrong.add(made.getKey() + ": " + found);
        }
      }
    }
    assertThat(certain).isGreaterThan(least);
    assertThat(wrong.subList(0, Math.min(10, wrong.size()))).as(wrong.size() + " wrong").isEmpty();
  }
}
