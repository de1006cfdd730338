package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.ManyTraces.Found;
import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.Profile;
import dev.kstrace.capture.sim.SimOptions;
import dev.kstrace.capture.sim.SimResult;
import dev.kstrace.capture.sim.SimulatedDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
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

  /** One run of the device. */
  private record Run(Profile profile, Set<Fault> faults, int seed) {
    SimOptions options() {
      return SimOptions.of(profile).withFaults(faults).withSeed(seed).withFrames(FRAMES);
    }

    List<String> expected() {
      return faults.stream().flatMap(fault -> fault.rules().stream()).sorted().toList();
    }
  }

  @Test
  void everyProfileIsCleanWithoutFault() throws Exception {
    List<Run> runs = new ArrayList<>();
    for (Profile profile : Profile.values()) {
      for (int seed = 1; seed <= SEEDS; seed++) {
        runs.add(new Run(profile, Set.of(), seed));
      }
    }
    assertVerdicts(runs);
  }

  @Test
  void everyFaultIsReportedByItsRulesAndNoOthers() throws Exception {
    List<Run> runs = new ArrayList<>();
    for (Fault fault : Fault.values()) {
      for (int seed = 1; seed <= SEEDS; seed++) {
        runs.add(run(EnumSet.of(fault), seed));
      }
    }
    assertVerdicts(runs);
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
    List<Run> runs = new ArrayList<>();
    for (Set<Fault> faults : combinations) {
      for (int seed = 1; seed <= 20; seed++) {
        runs.add(run(faults, seed));
      }
    }
    assertVerdicts(runs);
  }

  /** Goes round the profiles that can show the faults. */
  private static Run run(Set<Fault> faults, int seed) {
    List<Profile> fitting =
        Arrays.stream(Profile.values())
            .filter(profile -> faults.stream().allMatch(fault -> fault.fits(profile)))
            .toList();
    return new Run(fitting.get(seed % fitting.size()), faults, seed);
  }

  private TraceFacts record(Run run) {
    SimOptions options = run.options();
    Path file = dir.resolve("trace-" + Thread.currentThread().getId() + ".arrow");
    try {
      SimResult result = SimulatedDevice.record(options, file, true);
      assertThat(result.missed()).as(options.command()).isEmpty();
      return TraceFacts.of(file);
    } catch (IOException e) {
      throw new UncheckedIOException(options.command(), e);
    }
  }

  private void assertVerdicts(List<Run> runs) throws SQLException {
    List<TraceFacts> facts = runs.stream().parallel().map(this::record).toList();
    ManyTraces traces = new ManyTraces();
    Map<String, List<String>> expected = new TreeMap<>();
    for (int i = 0; i < runs.size(); i++) {
      String command = runs.get(i).options().command();
      traces.add(command, facts.get(i));
      expected.put(command, runs.get(i).expected());
    }
    Map<String, List<String>> actual = new TreeMap<>();
    traces
        .judge(RulePack.builtIn())
        .forEach(
            (command, findings) ->
                actual.put(
                    command,
                    findings.stream()
                        .filter(found -> found.severity() != Severity.INFO)
                        .map(Found::rule)
                        .sorted()
                        .toList()));
    assertThat(ManyTraces.differences(actual, expected)).isEmpty();
  }
}
