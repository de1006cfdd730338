package dev.kstrace.analyze.minimize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.RuleLimits;
import dev.kstrace.analyze.RulePack;
import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.Profile;
import dev.kstrace.capture.sim.SimOptions;
import dev.kstrace.capture.sim.SimulatedDevice;
import dev.kstrace.replay.ReplayTarget;
import dev.kstrace.replay.ReplayTargets;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Minimizes recordings of the simulated device. */
final class MinimizerTest {
  private static final Minimizer.Progress SILENT = (original, best, tries) -> {};

  @TempDir Path folder;
  private List<TraceEvent> events = List.of();
  private TraceMetadata metadata = TraceMetadata.of(java.util.Map.of());
  private @Nullable Trials trials;

  @BeforeEach
  void begin() {
    trials = null;
  }

  @AfterEach
  void end() throws IOException {
    if (trials != null) {
      trials.close();
    }
  }

  private Trials record(Profile profile, long frames, Fault... faults) throws IOException {
    Path file = folder.resolve("recording.arrow");
    EnumSet<Fault> wanted = EnumSet.noneOf(Fault.class);
    wanted.addAll(List.of(faults));
    SimulatedDevice.record(
        new SimOptions(profile, wanted, 7, frames, 3, false, "test"), file, true);
    try (TraceReader reader = TraceReader.open(file)) {
      metadata = reader.metadata();
    }
    events = Trials.read(file);
    trials = new Trials(metadata, RuleLimits.DEFAULT);
    return trials;
  }

  private static Rule rule(String id) {
    return RulePack.builtIn().stream().filter(r -> r.id().equals(id)).findFirst().orElseThrow();
  }

  private static String ops(List<TraceEvent> events) {
    List<String> ops = new ArrayList<>();
    events.forEach(event -> ops.add(Objects.requireNonNull(Op.of(event.op())).label()));
    return String.join(" ", ops);
  }

  @Test
  void leavesOnlyTheCallsOfADoubleFree() throws IOException {
    Trials ways = record(Profile.ofId("mic-pcm-48k-10ms"), 400, Fault.DOUBLE_FREE);
    Rule rule = rule("double-free");
    Finding wanted = Objects.requireNonNull(ways.find(events, rule, null, null));

    Minimizer.Result result =
        Objects.requireNonNull(
            Minimizer.minimize(events, ways.sameFinding(rule, wanted, null), () -> true, SILENT));

    assertThat(events).hasSizeGreaterThan(500);
    assertThat(ops(result.events()))
        .isEqualTo("pin_create initialize allocate free free delete trace_end");
    assertThat(result.finished()).isTrue();
    assertThat(result.events().get(1).framing()).as("numbers are small too").isNotNull();
    assertThat(Objects.requireNonNull(result.events().get(1).framing()).frames()).isZero();
    assertMinimal(result.events(), ways.sameFinding(rule, wanted, null));
  }

  /** No part that may be left out can be. */
  private static void assertMinimal(List<TraceEvent> events, Trial trial) throws IOException {
    for (Units.Step step : Units.Step.values()) {
      for (List<Integer> unit : new Units(events).of(step)) {
        List<TraceEvent> without = new ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
          if (!unit.contains(i)) {
            without.add(events.get(i).withSeq(without.size() + 1L));
          }
        }
        assertThat(trial.shows(without)).as("%s without %s", step, unit).isFalse();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void shrinksTheFirstFindingOfEveryFault(Fault fault) throws IOException {
    Profile profile =
        java.util.Arrays.stream(Profile.values()).filter(fault::fits).findFirst().orElseThrow();
    Trials ways = record(profile, 30, fault);
    Rule rule = rule(fault.rules().iterator().next());
    Finding wanted = Objects.requireNonNull(ways.find(events, rule, null, null));
    Trial trial = ways.sameFinding(rule, wanted, null);

    Minimizer.Result result =
        Objects.requireNonNull(Minimizer.minimize(events, trial, () -> true, SILENT));

    assertThat(result.events().size()).isLessThan(events.size() / 2);
    assertThat(trial.shows(result.events())).isTrue();
    assertMinimal(result.events(), trial);
  }

  @Test
  void findsWhatOnlyTheTargetDoesWrong() throws IOException {
    Trials ways = record(Profile.ofId("tvcap-uyvy-ntsc"), 40);
    Supplier<ReplayTarget> faulty =
        () -> ReplayTargets.parse("sim:tvcap-uyvy-ntsc+overlap-slots", metadata, List.of());
    Rule rule = rule("overlapping-frames");
    assertThat(ways.find(events, rule, null, null)).isNull();
    Finding wanted = Objects.requireNonNull(ways.find(events, rule, null, faulty));

    Minimizer.Result result =
        Objects.requireNonNull(
            Minimizer.minimize(events, ways.sameFinding(rule, wanted, faulty), () -> true, SILENT));

    assertThat(result.events().stream().filter(e -> e.op() == Op.ALLOCATE.code()))
        .hasSizeLessThanOrEqualTo(3);
    assertThat(ways.find(result.events(), rule, wanted.fingerprint(), faulty)).isNotNull();
  }

  @Test
  void shrinksADivergence() throws IOException {
    Trials ways = record(Profile.ofId("tvcap-uyvy-ntsc"), 40);
    Supplier<ReplayTarget> other =
        () -> ReplayTargets.parse("sim:tvcap-uyvy-ntsc+initialize-pending", metadata, List.of());
    Trial trial = ways.replayed(other, report -> report.diverged());
    assertThat(trial.shows(events)).isTrue();

    Minimizer.Result result =
        Objects.requireNonNull(Minimizer.minimize(events, trial, () -> true, SILENT));

    assertThat(ops(result.events())).contains("initialize").doesNotContain("allocate");
    assertThat(result.events().size()).isLessThanOrEqualTo(6);
  }

  @Test
  void saysThatThereIsNothingToMinimize() throws IOException {
    record(Profile.ofId("mic-pcm-48k-10ms"), 10);

    assertThat(Minimizer.minimize(events, candidate -> false, () -> true, SILENT)).isNull();
  }

  @Test
  void endsWithTheBestSoFar() throws IOException {
    Trials ways = record(Profile.ofId("mic-pcm-48k-10ms"), 200, Fault.DOUBLE_FREE);
    Rule rule = rule("double-free");
    Finding wanted = Objects.requireNonNull(ways.find(events, rule, null, null));
    Trial trial = ways.sameFinding(rule, wanted, null);
    int[] left = {12};

    Minimizer.Result result =
        Objects.requireNonNull(Minimizer.minimize(events, trial, () -> left[0]-- > 0, SILENT));

    assertThat(result.finished()).isFalse();
    assertThat(result.events().size()).isLessThan(events.size());
    assertThat(trial.shows(result.events())).isTrue();
  }

  @Test
  void neverTearsALifetimeApart() throws IOException {
    Trials ways = record(Profile.ofId("mic-pcm-48k-10ms"), 100, Fault.SKIP_FREE);
    Rule rule = rule("frame-leak");
    Finding wanted = Objects.requireNonNull(ways.find(events, rule, null, null));
    TraceEvent leaked =
        events.stream().filter(e -> e.seq() == wanted.seq()).findFirst().orElseThrow();

    Minimizer.Result result =
        Objects.requireNonNull(
            Minimizer.minimize(events, ways.sameFinding(rule, wanted, null), () -> true, SILENT));

    TraceEvent allocate =
        result.events().stream()
            .filter(e -> e.op() == Op.ALLOCATE.code())
            .findFirst()
            .orElseThrow();
    assertThat(allocate).isEqualTo(leaked.withSeq(allocate.seq()));
  }
}
