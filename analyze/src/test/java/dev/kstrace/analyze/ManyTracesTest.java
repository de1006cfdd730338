package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.ManyTraces.Found;
import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.Profile;
import dev.kstrace.capture.sim.SimOptions;
import dev.kstrace.capture.sim.SimulatedDevice;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other tests judge many traces at once; this one shows that it makes no difference. */
class ManyTracesTest {
  private static final int TRACES = 10;

  @Test
  void judgingManyTracesAtOnceGivesTheVerdictOfEach(@TempDir Path dir) throws Exception {
    ManyTraces traces = new ManyTraces();
    Map<String, List<Found>> single = new TreeMap<>();
    for (int i = 0; i < TRACES; i++) {
      Path file = dir.resolve(i + ".arrow");
      if (i == 0) {
        SimOptions options =
            SimOptions.of(Profile.GFX_INPLACE_PCM)
                .withFaults(
                    EnumSet.of(Fault.MISALIGN, Fault.PAGED_AT_DISPATCH, Fault.NEVER_DELETE));
        SimulatedDevice.record(options, file, true);
      } else if (i == 1) {
        Path golden = RuleGoldenTest.FOLDER.resolve("sequence-gap/hit-lowers-others.txt");
        Traces.write(file, RuleGoldenTest.text(golden));
      } else {
        RandomTraces.Trace trace = RandomTraces.of(i);
        Traces.write(file, trace.metadata(), trace.events());
      }
      traces.add(file.toString(), TraceFacts.of(file));
      single.put(
          file.toString(), Traces.judge(file).findings().stream().map(Found::of).sorted().toList());
    }
    assertThat(traces.judge(RulePack.builtIn())).isEqualTo(single);
    assertThat(single.values()).filteredOn(List::isEmpty).hasSizeLessThan(TRACES / 2);
  }
}
