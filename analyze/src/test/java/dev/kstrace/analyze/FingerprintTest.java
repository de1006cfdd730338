package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.TraceCorpus.Sample;
import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.Profile;
import dev.kstrace.capture.sim.SimOptions;
import dev.kstrace.capture.sim.SimulatedDevice;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fingerprint names the same bug in another run, and different bugs differently. */
class FingerprintTest {
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
  void everyFindingSurvivesAnotherDay() throws Exception {
    int traces = 0;
    try (TraceDatabase database = TraceDatabase.open()) {
      for (Sample hit : hits()) {
        List<String> before = fingerprints(judge(database, hit, hit.events()));
        assertThat(before).as(hit.name()).isNotEmpty();
        for (int seed = 1; seed <= TraceCorpus.seeds(2); seed++) {
          List<TraceEvent> moved = Reshuffle.of(hit.events(), seed);
          assertThat(fingerprints(judge(database, hit, moved)))
              .as(hit.name() + " reshuffled by seed " + seed)
              .isEqualTo(before);
          traces++;
        }
      }
    }
    assertThat(traces).isGreaterThan(100);
  }

  @Test
  void everyFindingOfAPinIsAnotherBugOnAnotherPin() throws Exception {
    int compared = 0;
    try (TraceDatabase database = TraceDatabase.open()) {
      for (Sample hit : hits()) {
        List<Finding> here = judge(database, hit, hit.events()).findings();
        Verdict there =
            judge(database, hit, hit.events().stream().map(FingerprintTest::onAnotherPin).toList());
        assertThat(there.findings()).as(hit.name()).hasSameSizeAs(here);
        for (int i = 0; i < here.size(); i++) {
          Finding moved = there.findings().get(i);
          if (there.facts().pinName(moved) != null) {
            compared++;
            assertThat(moved.fingerprint())
                .as(hit.name() + " " + moved)
                .isNotEqualTo(here.get(i).fingerprint());
          }
        }
      }
    }
    assertThat(compared).isGreaterThan(60);
  }

  /** What each rule of the pack was shown to find. */
  private static List<Sample> hits() throws IOException {
    return TraceCorpus.written().stream()
        .filter(sample -> sample.name().matches("rules/[^/]+/hit.*"))
        .toList();
  }

  /** The verdict of the rule that a trace was written for. */
  private Verdict judge(TraceDatabase database, Sample hit, List<TraceEvent> events)
      throws IOException, SQLException {
    Path file = Traces.write(dir.resolve("trace.arrow"), hit.metadata(), events);
    Rule rule = RulePack.named(hit.name().split("/", -1)[1], RulePack.builtIn());
    return Judge.judge(database, TraceFacts.of(file), List.of(rule));
  }

  private static List<String> fingerprints(Verdict verdict) {
    return verdict.findings().stream().map(f -> f.rule() + " " + f.fingerprint()).toList();
  }

  private static TraceEvent onAnotherPin(TraceEvent event) {
    if (event.op() != Op.PIN_CREATE.code()) {
      return event;
    }
    String detail = event.detail() == null ? "{}" : event.detail();
    String name = "\"name\":\"another " + Long.toHexString(event.pin()) + "\"";
    String rest = detail.replaceFirst("\"name\":\"[^\"]*\",?", "").substring(1);
    return TraceEvent.ofCodes(event.seq(), event.op(), event.layer(), event.tEntry())
        .pin(event.pin())
        .detail("{" + name + (rest.startsWith("}") ? "" : ",") + rest)
        .build();
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
    return fingerprints(Traces.judge(file));
  }
}
