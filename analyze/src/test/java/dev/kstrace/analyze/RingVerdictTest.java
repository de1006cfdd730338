package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.ManyTraces.Found;
import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.Profile;
import dev.kstrace.capture.sim.SimOptions;
import dev.kstrace.capture.sim.SimulatedDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A ring that kept the newest events of a faulty device has the findings of the whole recording
 * whose event it kept, and none that the whole lacks. {@link SnapshotPropertyTest} does the same
 * for traces cut anywhere; here the recorder itself makes the cut.
 */
class RingVerdictTest {
  private static final Profile PROFILE = Profile.MIC_PCM_48K_10MS;
  private static final long SMALLEST_RING = 1 << 20;

  @TempDir private Path dir;

  private final ManyTraces traces = new ManyTraces();

  @Test
  void aRingHasTheVerdictOfTheWholeOnWhatItKept() throws Exception {
    List<String> names = new ArrayList<>();
    for (Fault fault : Fault.values()) {
      for (int seed = 1; seed <= 2 && fault.fits(PROFILE); seed++) {
        SimOptions options =
            SimOptions.of(PROFILE).withFaults(Set.of(fault)).withSeed(seed).withFrames(5000);
        String name = fault.id() + " " + seed;
        names.add(name);
        traces.add(name, record(options, 0));
        TraceFacts ring = record(options, SMALLEST_RING);
        assertThat(ring.metadata().snapshotRows()).as(name).isPositive();
        traces.add(name + " ring", ring);
      }
    }
    Map<String, List<Found>> verdicts = traces.judge(RulePack.builtIn());
    int kept = 0;
    for (String name : names) {
      List<Found> whole = verdicts.get(name);
      List<Found> ring = verdicts.get(name + " ring");
      assertThat(whole).as(name).containsAll(ring);
      kept += ring.size();
    }
    assertThat(names).hasSizeGreaterThan(20);
    assertThat(kept).as("findings that a ring kept").isGreaterThan(5);
  }

  private TraceFacts record(SimOptions options, long ringBytes) throws IOException {
    Path file = dir.resolve("trace.arrow");
    SimulatedDevice.record(
        options, file, SimulatedDevice.recording(options).withRing(ringBytes).withOverwrite(true));
    return TraceFacts.of(file);
  }
}
