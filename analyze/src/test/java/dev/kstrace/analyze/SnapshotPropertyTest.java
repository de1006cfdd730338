package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.ManyTraces.Found;
import dev.kstrace.analyze.TraceCorpus.Sample;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.LiveState;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A trace that begins in the middle, with a snapshot of what was live there, has the findings of
 * the whole trace and no others: none is invented and none of the part that stays is missed.
 */
class SnapshotPropertyTest {
  private static final String WHOLE = " whole";

  @TempDir private Path dir;

  private final ManyTraces traces = new ManyTraces();
  private final Map<String, Long> firstSeqs = new LinkedHashMap<>();

  @Test
  void theVerdictOnWhatStaysIsThatOfTheWholeTrace() throws Exception {
    for (int seed = 1; seed <= TraceCorpus.seeds(80); seed++) {
      RandomTraces.Trace trace = RandomTraces.of(seed);
      addCuts("random " + seed, trace.metadata(), trace.events(), new Random(seed), 5);
      trace = RandomTraces.wild(seed);
      addCuts("wild " + seed, trace.metadata(), trace.events(), new Random(seed), 5);
    }
    for (Sample sample : TraceCorpus.simulated(dir, 2)) {
      addCuts(sample, 6);
    }

    Map<String, List<Found>> verdicts = traces.judge(RulePack.builtIn());

    List<String> wrong = new ArrayList<>();
    int kept = 0;
    for (Map.Entry<String, Long> cut : firstSeqs.entrySet()) {
      String name = cut.getKey();
      List<Found> whole = verdicts.get(name.substring(0, name.lastIndexOf(" from ")) + WHOLE);
      boolean disorder = whole.stream().anyMatch(found -> found.rule().equals("sequence-gap"));
      wrong.addAll(invented(name, verdicts.get(name), whole));
      for (Found found : whole) {
        if (Long.compareUnsigned(found.seq(), cut.getValue()) > 0) {
          kept++;
          if (!verdicts.get(name).contains(found) && !mayBeMissed(found) && !disorder) {
            wrong.add(name + " lacks " + found);
          }
        }
      }
    }
    assertThat(kept).isGreaterThan(1000);
    assertThat(wrong.subList(0, Math.min(12, wrong.size()))).as(wrong.size() + " wrong").isEmpty();
  }

  private static List<String> invented(String name, List<Found> part, List<Found> whole) {
    return part.stream()
        .filter(found -> PartOfTrace.claims(found) && !PartOfTrace.has(whole, found))
        .map(found -> name + " has " + found)
        .toList();
  }

  /**
   * The delete's rule needs calls that returned long before, of which a snapshot keeps some; the
   * rules that count calls cannot be sure of a part of them.
   */
  private static boolean mayBeMissed(Found found) {
    return Set.of("delete-overlaps-use", "allocate-beyond-failure", "repeated-allocation-failure")
        .contains(found.rule());
  }

  /** Rules of all kinds, some of which look at more than a snapshot keeps. */
  @Test
  void nothingCertainIsInvented() throws Exception {
    for (Sample sample : TraceCorpus.written()) {
      addCuts(sample, TraceCorpus.seeds(1));
    }
    for (Sample sample : TraceCorpus.foreign()) {
      addCuts(sample, TraceCorpus.seeds(1));
    }

    Map<String, List<Found>> verdicts = traces.judge(RulePack.builtIn());

    List<String> wrong = new ArrayList<>();
    for (String name : firstSeqs.keySet()) {
      List<Found> whole = verdicts.get(name.substring(0, name.lastIndexOf(" from ")) + WHOLE);
      wrong.addAll(invented(name, verdicts.get(name), whole));
    }
    assertThat(wrong.subList(0, Math.min(12, wrong.size()))).as(wrong.size() + " wrong").isEmpty();
  }

  private void addCuts(Sample sample, int samples) throws IOException {
    Random random = new Random(sample.name().hashCode());
    addCuts(sample.name(), sample.metadata(), sample.events(), random, samples);
  }

  private void addCuts(
      String name, TraceMetadata metadata, List<TraceEvent> events, Random random, int samples)
      throws IOException {
    add(name + WHOLE, metadata, events);
    for (int i = 0; i < samples; i++) {
      int from = random.nextInt(events.size());
      List<TraceEvent> rows = new ArrayList<>();
      TraceMetadata described = cut(metadata, events, from, rows);
      if (i % 2 == 1) {
        // A cut of a cut.
        int again = rows.size() - (events.size() - from) + random.nextInt(events.size() - from);
        List<TraceEvent> first = List.copyOf(rows);
        rows.clear();
        described = cut(described, first, again, rows);
        from = events.size() - (first.size() - again);
      }
      String cut = name + " from " + from + "/" + i;
      firstSeqs.put(cut, events.get(from).seq());
      add(cut, described, rows);
    }
  }

  private static TraceMetadata cut(
      TraceMetadata metadata, List<TraceEvent> events, int from, List<TraceEvent> rows) {
    EventBatch all = new EventBatch(events.size());
    events.forEach(all::add);
    LiveState before = new LiveState(metadata);
    for (int row = 0; row < from; row++) {
      before.accept(all, row);
    }
    EventBatch snapshot = before.snapshot(all, from);
    for (int row = 0; row < snapshot.rows(); row++) {
      rows.add(snapshot.event(row));
    }
    rows.addAll(events.subList(from, events.size()));
    return LiveState.describe(metadata, snapshot);
  }

  private void add(String name, TraceMetadata metadata, List<TraceEvent> events)
      throws IOException {
    traces.add(name, TraceFacts.of(Traces.write(dir.resolve("trace.arrow"), metadata, events)));
  }
}
