package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.ManyTraces.Found;
import dev.kstrace.analyze.TraceCorpus.Sample;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is missing from a trace makes nobody a culprit: a trace that was cut, began late or lost
 * some rows never has a finding that is certain and that the whole trace lacks.
 */
class LossPropertyTest {
  private static final String WHOLE = " whole";
  private static final Pattern PART = Pattern.compile("(.*) (?:cut at|from|without) [0-9.]+");

  @TempDir private Path dir;

  private final ManyTraces traces = new ManyTraces();

  @Test
  void whatIsLeftOfATraceHasNothingCertainThatTheWholeLacks() throws Exception {
    for (Sample sample : samples()) {
      add(sample.name() + WHOLE, sample.metadata(), sample.events());
      Random random = new Random(sample.name().hashCode());
      int rows = sample.events().size();
      for (int row : places(random, rows)) {
        add(sample.name() + " cut at " + row, sample.metadata(), sample.events().subList(0, row));
        addLateStart(sample, row);
        addLoss(sample, row, row + 1);
        addLoss(sample, row, row + 2 + random.nextInt(20));
      }
    }
    assertNothingCertainIsNew();
  }

  private List<Sample> samples() throws IOException {
    List<Sample> samples = new ArrayList<>(TraceCorpus.written());
    samples.addAll(TraceCorpus.foreign());
    samples.addAll(TraceCorpus.simulated(dir, 1));
    for (int seed = 1; seed <= TraceCorpus.seeds(200); seed++) {
      samples.add(TraceCorpus.random("random " + seed, RandomTraces.of(seed)));
    }
    return samples;
  }

  /** Where to cut: here and there, and at every row where that is no more. */
  private static int[] places(Random random, int rows) {
    int places = TraceCorpus.seeds(1);
    return places >= rows
        ? IntStream.range(0, rows).toArray()
        : random.ints(places, 0, rows).distinct().toArray();
  }

  private void addLateStart(Sample sample, int from) throws IOException {
    TraceMetadata late = sample.metadata().with(TraceMetadata.COMPLETE_START, "false");
    List<TraceEvent> rest = sample.events().subList(from, sample.events().size());
    add(sample.name() + " from " + from, late, rest);
  }

  /**
   * Leaves a run of rows out. The first and the last one stay, since without them it is a late
   * start or a cut.
   */
  private void addLoss(Sample sample, int begin, int end) throws IOException {
    int from = Math.max(1, begin);
    int to = Math.min(sample.events().size() - 1, end);
    if (from < to) {
      List<TraceEvent> rest = new ArrayList<>(sample.events().subList(0, from));
      rest.addAll(sample.events().subList(to, sample.events().size()));
      add(sample.name() + " without " + from + ".." + (to - 1), sample.metadata(), rest);
    }
  }

  private void add(String name, TraceMetadata metadata, List<TraceEvent> events)
      throws IOException {
    traces.add(name, TraceFacts.of(Traces.write(dir.resolve("trace.arrow"), metadata, events)));
  }

  private void assertNothingCertainIsNew() throws SQLException {
    Map<String, List<Found>> verdicts = traces.judge(RulePack.builtIn());
    List<String> wrong = new ArrayList<>();
    int certain = 0;
    for (Map.Entry<String, List<Found>> verdict : verdicts.entrySet()) {
      String name = verdict.getKey();
      Matcher part = PART.matcher(name);
      if (!part.matches()) {
        continue;
      }
      List<Found> whole = verdicts.get(part.group(1) + WHOLE);
      for (Found found : verdict.getValue()) {
        if (PartOfTrace.claims(found)) {
          certain++;
          if (!PartOfTrace.has(whole, found)) {
            wrong.add(name + ": " + found);
          }
        }
      }
    }
    assertThat(certain).isGreaterThan(100);
    assertThat(wrong.subList(0, Math.min(10, wrong.size()))).as(wrong.size() + " wrong").isEmpty();
  }
}
