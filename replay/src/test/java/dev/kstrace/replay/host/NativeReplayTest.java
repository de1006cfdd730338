package dev.kstrace.replay.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.Profile;
import dev.kstrace.capture.sim.SimOptions;
import dev.kstrace.capture.sim.SimulatedDevice;
import dev.kstrace.replay.NativeReplays;
import dev.kstrace.replay.ReplayEngine;
import dev.kstrace.replay.ReplayOptions;
import dev.kstrace.replay.ReplayReport;
import dev.kstrace.replay.ReplayTarget;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole recordings on a target in C: the same as on its twin in Java, and always the same. */
class NativeReplayTest {
  @TempDir Path folder;

  private final ReplayEngine engine = new ReplayEngine(ReplayOptions.DEFAULTS);

  private Path record(Profile profile, Fault fault) throws IOException {
    Path file = folder.resolve("in.arrow");
    EnumSet<Fault> faults = fault == null ? EnumSet.noneOf(Fault.class) : EnumSet.of(fault);
    SimulatedDevice.record(
        SimOptions.of(profile).withFaults(faults).withSeed(3).withFrames(60), file, true);
    return file;
  }

  /** Events with addresses by the order in which they occur. */
  private static List<String> renamed(Path trace) throws IOException {
    Map<Long, Integer> names = new HashMap<>();
    List<String> lines = new ArrayList<>();
    EventBatch batch = new EventBatch(1024);
    try (TraceReader reader = TraceReader.open(trace)) {
      while (reader.read(batch)) {
        for (int row = 0; row < batch.rows(); row++) {
          TraceEvent event = batch.event(row);
          lines.add(
              event.seq()
                  + " op "
                  + event.op()
                  + " status "
                  + event.status()
                  + " context "
                  + name(names, event.context())
                  + " frame "
                  + name(names, event.frame()));
        }
      }
    }
    return lines;
  }

  private static String name(Map<Long, Integer> names, Long address) {
    if (address == null || address == 0) {
      return String.valueOf(address);
    }
    return "#" + names.computeIfAbsent(address, key -> names.size());
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void doesInCWhatItsTwinDoesInJava(Fault fault) throws IOException {
    Path library = Natives.plain("stack_frames.c", "-shared", "-fPIC", "-O2");
    Profile profile = Profile.MIC_PCM_48K_10MS;
    if (!fault.fits(profile)) {
      return;
    }
    Path recording = record(profile, fault);
    Path near = folder.resolve("java.arrow");
    Path far = folder.resolve("c.arrow");
    ReplayReport expected;
    ReplayReport got;
    try (ReplayTarget java = NativeReplays.javaTarget(new StackFrames());
        ReplayTarget c = Natives.start(library, "StackFramesDispatch")) {
      expected = engine.run(recording, java, near, false);
      got = engine.run(recording, c, far, false);
    }
    assertThat(renamed(far)).isEqualTo(renamed(near));
    assertThat(got.counts()).isEqualTo(expected.counts());
    assertThat(got.extraCalls()).isEqualTo(expected.extraCalls());
    assertThat(got.leftOut()).isEqualTo(expected.leftOut());
  }

  /** {@code -Dkstrace.repeats=1000} for the long form. */
  @Test
  void givesTheSameBytesEachTime() throws IOException {
    Path recording = record(Profile.CAM_RGB24_VGA, null);
    Path first = folder.resolve("first.arrow");
    Path again = folder.resolve("again.arrow");
    Path library = Natives.target("slab_frames.c", "");
    int repeats = Integer.getInteger("kstrace.repeats", 50);
    for (int i = 0; i < repeats; i++) {
      try (ReplayTarget target = Natives.start(library, "SlabAllocatorDispatch")) {
        engine.run(recording, target, i == 0 ? first : again, true);
      }
      if (i > 0) {
        assertThat(Files.mismatch(first, again)).as("replay %d", i).isEqualTo(-1);
      }
    }
  }
}
