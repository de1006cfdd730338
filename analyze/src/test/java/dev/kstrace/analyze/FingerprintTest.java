package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.Profile;
import dev.kstrace.capture.sim.SimOptions;
import dev.kstrace.capture.sim.SimulatedDevice;
import dev.kstrace.traces.TraceEvent;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fingerprint names the same bug in another run, and different bugs differently. */
class FingerprintTest {
  private static final long MOVED = 0x10_0000_0000L;

  private static final String TWO_FAULTS =
      """
      1 pin_create pin=0x10 detail={"name":"capture"}
      2 pin_create pin=0x11 detail={"name":"preview"}
      3 initialize thread=7 pin=0x10 context=0x20 status=STATUS_SUCCESS framing={options=0x2 size=64}
      4 initialize thread=7 pin=0x11 context=0x30 status=STATUS_SUCCESS framing={options=0x2 size=64}
      5 allocate thread=7 context=0x20 frame=0x1000
      6 free thread=7 context=0x20 frame=0x1000
      7 free thread=8 context=0x20 frame=0x1000
      8 allocate context=0x30 frame=0x2000
      9 free context=0x30 frame=0x2000
      10 free context=0x30 frame=0x2000
      11 free context=0x30 frame=0x9000
      12 delete context=0x20
      13 delete context=0x30
      14 trace_end
      """;

  @TempDir private Path dir;

  @Test
  void survivesOtherAddressesTimesAndThreads() throws Exception {
    SimOptions options =
        SimOptions.of(Profile.GFX_INPLACE_PCM)
            .withFrames(12)
            .withFaults(
                java.util.EnumSet.of(
                    Fault.DOUBLE_FREE, Fault.MISALIGN, Fault.NEVER_DELETE, Fault.USER_MODE_PEER));
    Path file = dir.resolve("trace.arrow");
    SimulatedDevice.record(options, file, true);
    List<TraceEvent> events = Traces.read(file);
    List<String> before = fingerprints(file);

    Path moved = dir.resolve("moved.arrow");
    Traces.write(
        moved,
        SimulatedDevice.metadata(options),
        events.stream().map(FingerprintTest::move).toList());

    assertThat(before).hasSizeGreaterThan(3);
    assertThat(fingerprints(moved)).isEqualTo(before);
  }

  @Test
  void survivesAnotherSeed() throws Exception {
    TreeSet<String> seen = new TreeSet<>();
    for (int seed = 1; seed <= 6; seed++) {
      SimOptions options =
          SimOptions.of(Profile.CAM_NV12_720P)
              .withFrames(12)
              .withSeed(seed)
              .withFaults(java.util.Set.of(Fault.MISALIGN));
      Path file = dir.resolve("trace.arrow");
      SimulatedDevice.record(options, file, true);
      seen.addAll(fingerprints(file));
    }
    // Two pins could be the one concerned.
    assertThat(seen).hasSizeBetween(1, 2);
  }

  @Test
  void tellsPinsAndRulesApart() throws Exception {
    Verdict verdict = Traces.judge(Traces.write(dir.resolve("trace.arrow"), TWO_FAULTS));
    assertThat(verdict.findings())
        .extracting(Finding::rule)
        .containsExactly("double-free", "double-free", "free-of-unknown-frame");
    assertThat(verdict.findings()).extracting(Finding::fingerprint).doesNotHaveDuplicates();
  }

  @Test
  void isOneForTheSameBugSeenTwice() throws Exception {
    String twice =
        TWO_FAULTS.replace(
            "11 free context=0x30 frame=0x9000", "11 free context=0x30 frame=0x2000");
    Verdict verdict = Traces.judge(Traces.write(dir.resolve("trace.arrow"), twice));
    List<Finding> findings = verdict.findings();
    assertThat(findings).hasSize(3);
    assertThat(findings.get(1).fingerprint()).isEqualTo(findings.get(2).fingerprint());
  }

  private List<String> fingerprints(Path file) throws Exception {
    return Traces.judge(file).findings().stream()
        .map(finding -> finding.rule() + " " + finding.fingerprint())
        .toList();
  }

  private static TraceEvent move(TraceEvent e) {
    TraceEvent.Builder moved =
        TraceEvent.ofCodes(e.seq() + 5, e.op(), e.layer(), e.tEntry() + 12345)
            .framing(e.framing())
            .detail(e.detail());
    if (e.tExit() != null) {
      moved.tExit(e.tExit() + 12345);
    }
    if (e.thread() != null) {
      moved.thread(e.thread() + 100);
    }
    if (e.irqlEntry() != null) {
      moved.irqlEntry(e.irqlEntry());
    }
    if (e.irqlExit() != null) {
      moved.irqlExit(e.irqlExit());
    }
    if (e.pin() != null) {
      moved.pin(e.pin() + MOVED);
    }
    if (e.context() != null) {
      moved.context(e.context() + 2 * MOVED);
    }
    if (e.frame() != null) {
      moved.frame(e.frame() == 0 ? 0 : e.frame() + 3 * MOVED);
    }
    if (e.size() != null) {
      moved.size(e.size());
    }
    if (e.status() != null) {
      moved.status(e.status());
    }
    return moved.build();
  }
}
