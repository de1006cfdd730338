package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.ManyTraces.Found;
import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.Profile;
import dev.kstrace.capture.sim.SimOptions;
import dev.kstrace.capture.sim.SimulatedDevice;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is missing from a trace makes nobody a culprit: a trace that was cut, or lost some rows,
 * never has a finding that is certain and that the whole trace lacks.
 *
 * <p>Two live allocators with one context value are left out: an initialize lost before the other
 * one's can then turn a legal delete or free into a second one, and nothing shows it.
 */
class LossPropertyTest {
  private static final String WHOLE = " whole";

  @TempDir private Path dir;

  private final ManyTraces traces = new ManyTraces();

  @Test
  void aCutMakesNoFindingCertainThatTheWholeTraceLacks() throws Exception {
    for (int seed = 1; seed <= 100; seed++) {
      RandomTraces.Trace trace = RandomTraces.ofDistinctContexts(seed);
      addCuts("random " + seed, trace.metadata(), trace.events(), new Random(seed), 4);
    }
    for (Fault fault : Fault.values()) {
      for (int seed = 1; seed <= 3; seed++) {
        SimOptions options = options(fault, seed);
        addCuts(
            options.command(),
            SimulatedDevice.metadata(options),
            simulate(options),
            new Random(seed),
            6);
      }
    }
    assertNothingCertainIsNew();
  }

  @Test
  void aLossMakesNoFindingCertainThatTheWholeTraceLacks() throws Exception {
    for (int seed = 1; seed <= 250; seed++) {
      RandomTraces.Trace trace = RandomTraces.ofDistinctContexts(seed);
      addLosses("random " + seed, trace.metadata(), trace.events(), new Random(seed), 4);
    }
    for (Fault fault : Fault.values()) {
      for (int seed = 1; seed <= 3; seed++) {
        SimOptions options = options(fault, seed);
        addLosses(
            options.command(),
            SimulatedDevice.metadata(options),
            simulate(options),
            new Random(seed),
            10);
      }
    }
    assertNothingCertainIsNew();
  }

  private static SimOptions options(Fault fault, int seed) {
    List<Profile> fitting = Arrays.stream(Profile.values()).filter(fault::fits).toList();
    Profile profile = fitting.get((seed * 5 + fault.id().length()) % fitting.size());
    return SimOptions.of(profile).withFaults(Set.of(fault)).withSeed(seed).withFrames(12);
  }

  private List<TraceEvent> simulate(SimOptions options) throws IOException {
    Path file = dir.resolve("simulated.arrow");
    SimulatedDevice.record(options, file, true);
    return Traces.read(file);
  }

  private void addCuts(
      String name, TraceMetadata metadata, List<TraceEvent> events, Random random, int samples)
      throws IOException {
    add(name + WHOLE, metadata, events);
    for (int i = 0; i < samples; i++) {
      int rows = random.nextInt(events.size());
      add(name + " cut at " + rows, metadata, events.subList(0, rows));
    }
  }

  /** Drops a run of rows; the last one stays, since its loss would be a cut. */
  private void addLosses(
      String name, TraceMetadata metadata, List<TraceEvent> events, Random random, int samples)
      throws IOException {
    add(name + WHOLE, metadata, events);
    for (int i = 0; i < samples; i++) {
      int from = 1 + random.nextInt(events.size() - 2);
      int to = Math.min(events.size() - 1, from + 1 + random.nextInt(i % 2 == 0 ? 2 : 20));
      List<TraceEvent> rest = new ArrayList<>(events.subList(0, from));
      rest.addAll(events.subList(to, events.size()));
      add(name + " without " + from + ".." + (to - 1), metadata, rest);
    }
  }

  private void add(String name, TraceMetadata metadata, List<TraceEvent> events)
      throws IOException {
    traces.add(name, TraceFacts.of(Traces.write(dir.resolve("trace.arrow"), metadata, events)));
  }

  /**
   * Of three frames that overlap in a row the whole trace names the second; without the first, the
   * third is named, which overlaps as well.
   */
  private static boolean isOtherHalf(Found found, Set<String> whole) {
    String rule = "overlapping-frames";
    return found.rule().equals(rule) && whole.stream().anyMatch(other -> other.startsWith(rule));
  }

  private void assertNothingCertainIsNew() throws SQLException {
    Map<String, List<Found>> verdicts = traces.judge(RulePack.builtIn());
    List<String> wrong = new ArrayList<>();
    int certain = 0;
    for (Map.Entry<String, List<Found>> verdict : verdicts.entrySet()) {
      String name = verdict.getKey();
      int at = Math.max(name.lastIndexOf(" cut at "), name.lastIndexOf(" without "));
      if (at < 0) {
        continue;
      }
      Set<String> whole = new HashSet<>();
      verdicts.get(name.substring(0, at) + WHOLE).forEach(f -> whole.add(f.rule() + f.seq()));
      for (Found found : verdict.getValue()) {
        // The loss itself is new, of course.
        if (found.certain() && !found.rule().equals("events-lost")) {
          certain++;
          if (!whole.contains(found.rule() + found.seq()) && !isOtherHalf(found, whole)) {
            wrong.add(name + ": " + found);
          }
        }
      }
    }
    assertThat(certain).isGreaterThan(100);
    assertThat(wrong.subList(0, Math.min(10, wrong.size()))).as(wrong.size() + " wrong").isEmpty();
  }
}
