package dev.kstrace.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.Profile;
import dev.kstrace.capture.sim.SimOptions;
import dev.kstrace.capture.sim.SimulatedDevice;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Simulated devices, replayed on their own allocator, the repaired one and others. */
class SimulatedReplayTest {
  private static final int SEEDS = 1;

  /** With some 240 pairs of profile and fault: more than 1,000 traces. */
  private static final int SEEDS_OF_OWN = 5;

  private static final int FRAMES = 60;

  /** What a repaired allocator does differently from one with this fault. */
  private static final Map<Fault, DivergenceKind> SHOWS = new EnumMap<>(Fault.class);

  static {
    SHOWS.put(Fault.RETURN_LIVE_ADDRESS, DivergenceKind.ALIAS);
    SHOWS.put(Fault.RETURN_AT_RAISED_IRQL, DivergenceKind.IRQL);
    SHOWS.put(Fault.INITIALIZE_PENDING, DivergenceKind.STATUS);
  }

  @TempDir Path dir;

  private final ReplayEngine engine = new ReplayEngine(ReplayOptions.DEFAULTS);

  private Path record(Profile profile, Set<Fault> faults, long seed) throws IOException {
    SimOptions options =
        SimOptions.of(profile).withFaults(faults).withSeed(seed).withFrames(FRAMES);
    Path file = dir.resolve("recording.arrow");
    SimulatedDevice.record(options, file, true);
    return file;
  }

  private ReplayReport replay(Path recording, Path out, String spec, long seed) throws IOException {
    try (ReplayTarget target =
        ReplayTargets.parse(spec, TraceMetadata.of(Map.of()), List.of(), seed)) {
      return engine.run(recording, target, out, true);
    }
  }

  @ParameterizedTest
  @EnumSource(Profile.class)
  void doesOnItsOwnAllocatorWhatWasRecorded(Profile profile) throws IOException {
    for (long seed = 1; seed <= SEEDS_OF_OWN; seed++) {
      requireNoDivergence(profile, EnumSet.noneOf(Fault.class), seed);
      for (Fault fault : Fault.values()) {
        if (fault.fits(profile)) {
          requireNoDivergence(profile, EnumSet.of(fault), seed);
        }
      }
    }
  }

  private void requireNoDivergence(Profile profile, Set<Fault> faults, long seed)
      throws IOException {
    String spec = "sim:" + profile.id();
    for (Fault fault : faults) {
      spec += fault.side() == Fault.Side.ALLOCATOR ? "+" + fault.id() : "";
    }
    String what = profile.id() + " " + faults + " seed " + seed;
    Path recording = record(profile, faults, seed);
    ReplayReport report = replay(recording, dir.resolve("replayed.arrow"), spec, seed);
    assertThat(report.divergences()).as(what).isEmpty();
    assertThat(report.same()).as(what).isEqualTo(report.calls()).isPositive();
    assertThat(report.extraCalls() + report.leftOut() + report.notDriven()).as(what).isZero();
    replay(dir.resolve("replayed.arrow"), dir.resolve("again.arrow"), spec, seed);
    assertThat(dir.resolve("again.arrow"))
        .as(what)
        .hasSameBinaryContentAs(dir.resolve("replayed.arrow"));
  }

  @ParameterizedTest
  @EnumSource(Profile.class)
  void differsOnTheRepairedAllocatorByTheFaultOnly(Profile profile) throws IOException {
    for (long seed = 1; seed <= SEEDS; seed++) {
      for (Fault fault : Fault.values()) {
        if (fault.fits(profile)) {
          Path recording = record(profile, EnumSet.of(fault), seed);
          ReplayReport report = replay(recording, null, "sim:" + profile.id(), seed);
          String what = profile.id() + " " + fault + " seed " + seed;
          DivergenceKind kind = SHOWS.get(fault);
          for (DivergenceKind each : DivergenceKind.values()) {
            if (each.isContract()) {
              assertThat(report.count(each)).as(what + " " + each).isEqualTo(each == kind ? 1 : 0);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sim:default", "sim:slab", "sim:reactos"})
  void givesTheSameBytesTwiceOnEveryAllocator(String spec) throws IOException {
    List<Profile> profiles =
        List.of(Profile.CAM_RGB24_VGA, Profile.GFX_INPLACE_PCM, Profile.TVCAP_UYVY_NTSC);
    for (Profile profile : profiles) {
      for (Fault fault : Fault.values()) {
        if (fault.fits(profile)) {
          Path recording = record(profile, EnumSet.of(fault), 7);
          Path first = dir.resolve("first.arrow");
          Path second = dir.resolve("second.arrow");
          ReplayReport report = replay(recording, first, spec, 7);
          assertThat(report.death()).isNull();
          replay(recording, second, spec, 7);
          assertThat(second).hasSameBinaryContentAs(first);
          ReplayReport again = replay(first, second, spec, 7);
          String what = spec + " " + profile.id() + " " + fault;
          assertThat(again.divergences()).as(what).isEmpty();
          assertThat(second).as(what).hasSameBinaryContentAs(first);
        }
      }
    }
  }

  @Test
  void takesTheSeedFromTheRecordingUnlessGivenOne() throws IOException {
    Path recording = record(Profile.MIC_PCM_48K_10MS, Set.of(Fault.RETURN_AT_RAISED_IRQL), 5);
    TraceMetadata metadata = TraceMetadata.of(Map.of("kstrace.seed", "5"));
    String spec = "sim:mic-pcm-48k-10ms+return-at-raised-irql";
    try (ReplayTarget target = ReplayTargets.parse(spec, metadata, List.of())) {
      assertThat(engine.run(recording, target, null, true).divergences()).isEmpty();
    }
  }

  @Test
  void listsWhatThereIsWhereANameIsUnknown() {
    assertThatThrownBy(() -> replay(dir, null, "sim:gizmo", 1))
        .hasMessageStartingWith(
            "cannot use target sim:gizmo: no simulated allocator gizmo, expected one of"
                + " default,slab,reactos,avshws-rgb24-qvga,");
    assertThatThrownBy(() -> replay(dir, null, "sim:bda-ts-50+double-free", 1))
        .hasMessageStartingWith(
            "cannot use target sim:bda-ts-50+double-free: no allocator has the fault double-free,"
                + " expected some of allocate-short,");
    assertThatThrownBy(() -> replay(dir, null, "sim:bda-ts-50+misalign", 1))
        .hasMessageStartingWith("cannot use target sim:bda-ts-50+misalign: fault=misalign");
    assertThatThrownBy(
            () ->
                ReplayTargets.parse(
                    "sim:bda-ts-50", TraceMetadata.of(Map.of("kstrace.seed", "lucky")), List.of()))
        .hasMessageContaining("kstrace.seed=lucky");
  }
}
