package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.ManyTraces.Found;
import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.Profile;
import dev.kstrace.capture.sim.SimOptions;
import dev.kstrace.capture.sim.SimResult;
import dev.kstrace.capture.sim.SimulatedDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The simulated device knows what it did wrong; the rules have to find out. No error and no warning
 * without a fault, and for each fault exactly the rules that it names.
 */
class SimulatedVerdictTest {
  private static final int SEEDS = 50;

  /** Enough for each fault to come about, and few enough for many runs. */
  private static final int FRAMES = 12;

  @TempDir private Path dir;

  private final ManyTraces traces = new ManyTraces();
  private final Map<String, List<String>> expected = new TreeMap<>();

  @Test
  void everyProfileIsCleanWithoutFault() throws Exception {
    for (Profile profile : Profile.values()) {
      for (int seed = 1; seed <= SEEDS; seed++) {
        record(profile, Set.of(), seed);
      }
    }
    assertVerdicts();
  }

  @Test
  void everyFaultIsReportedByItsRulesAndNoOthers() throws Exception {
    for (Fault fault : Fault.values()) {
      List<Profile> fitting = Arrays.stream(Profile.values()).filter(fault::fits).toList();
      for (int seed = 1; seed <= SEEDS; seed++) {
        record(fitting.get(seed % fitting.size()), Set.of(fault), seed);
      }
    }
    assertVerdicts();
  }

  @Test
  void faultsThatDoNotTouchAreReportedSideBySide() throws Exception {
    List<Set<Fault>> combinations =
        List.of(
            EnumSet.of(Fault.DOUBLE_FREE, Fault.RETURN_AT_RAISED_IRQL),
            EnumSet.of(Fault.FREE_RANDOM, Fault.USER_MODE_PEER),
            EnumSet.of(Fault.ALLOCATE_SHORT, Fault.NEVER_DELETE),
            EnumSet.of(Fault.INITIALIZE_PENDING, Fault.SKIP_FREE),
            EnumSet.of(Fault.FREE_FOREIGN, Fault.RETURN_AT_RAISED_IRQL));
    for (Set<Fault> faults : combinations) {
      List<Profile> fitting =
          Arrays.stream(Profile.values())
              .filter(profile -> faults.stream().allMatch(fault -> fault.fits(profile)))
              .toList();
      for (int seed = 1; seed <= 20; seed++) {
        record(fitting.get(seed % fitting.size()), faults, seed);
      }
    }
    assertVerdicts();
  }

  private void record(Profile profile, Set<Fault> faults, int seed) throws IOException {
    SimOptions options =
        SimOptions.of(profile).withFaults(faults).withSeed(seed).withFrames(FRAMES);
    Path file = dir.resolve("trace.arrow");
    SimResult result = SimulatedDevice.record(options, file, true);
    assertThat(result.missed()).as(options.command()).isEmpty();
    traces.add(options.command(), TraceFacts.of(file));
    expected.put(
        options.command(),
        faults.stream().flatMap(fault -> fault.rules().stream()).sorted().toList());
  }

  private void assertVerdicts() throws Exception {
    Map<String, List<String>> actual = new TreeMap<>();
    for (Map.Entry<String, List<Found>> verdict : traces.judge(RulePack.builtIn()).entrySet()) {
      List<String> rules = new ArrayList<>();
      for (Found found : verdict.getValue()) {
        if (found.severity() != Severity.INFO) {
          rules.add(found.rule());
        }
      }
      rules.sort(null);
      actual.put(verdict.getKey(), rules);
    }
    assertThat(ManyTraces.differences(actual, expected)).isEmpty();
  }
}
