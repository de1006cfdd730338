package dev.kstrace.analyze;

import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.Profile;
import dev.kstrace.capture.sim.SimOptions;
import dev.kstrace.capture.sim.SimulatedDevice;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The traces there are, to hold a property against: written, foreign, simulated and random ones.
 */
final class TraceCorpus {
  private TraceCorpus() {}

  /**
   * A trace.
   *
   * @param name tells how to get it again
   */
  record Sample(String name, TraceMetadata metadata, List<TraceEvent> events) {}

  /**
   * How many seeds to try where a build tries some: {@code -Dkstrace.effort=5} makes it five times
   * as many.
   */
  static int seeds(int inABuild) {
    return inABuild * Integer.getInteger("kstrace.effort", 1);
  }

  /** All that was written by hand: hits and near misses of every rule, and the traps. */
  static List<Sample> written() throws IOException {
    List<Sample> samples = new ArrayList<>();
    for (Path folder : List.of(RuleGoldenTest.FOLDER, TrapTest.FOLDER)) {
      for (Path file : RuleGoldenTest.files(folder)) {
        TraceText.Parsed parsed = Traces.parse(RuleGoldenTest.text(file));
        String name = folder.getParent().relativize(file).toString();
        samples.add(new Sample(name, parsed.metadata(), parsed.events()));
      }
    }
    return samples;
  }

  /** Those of another implementation, where they lie beside the checkout. */
  static List<Sample> foreign() throws IOException {
    if (!Files.isDirectory(ForeignTracesTest.FOLDER)) {
      return List.of();
    }
    List<Sample> samples = new ArrayList<>();
    try (Stream<Path> files = Files.list(ForeignTracesTest.FOLDER)) {
      for (Path file : files.filter(TraceCorpus::isWhole).sorted().toList()) {
        try (TraceReader trace = TraceReader.open(file)) {
          String name = file.getFileName().toString();
          samples.add(new Sample(name, trace.metadata(), Traces.read(file)));
        }
      }
    }
    return samples;
  }

  private static boolean isWhole(Path file) {
    return file.getFileName().toString().matches("(fault|trap|combo)-.*\\.arrow");
  }

  /** Each fault of the simulated device, on a profile that a seed chooses. */
  static List<Sample> simulated(Path dir, int seeds) throws IOException {
    List<Sample> samples = new ArrayList<>();
    for (Fault fault : Fault.values()) {
      for (int seed = 1; seed <= seeds; seed++) {
        SimOptions options = options(fault, seed);
        Path file = dir.resolve("simulated.arrow");
        SimulatedDevice.record(options, file, true);
        samples.add(
            new Sample(options.command(), SimulatedDevice.metadata(options), Traces.read(file)));
      }
    }
    return samples;
  }

  private static SimOptions options(Fault fault, int seed) {
    List<Profile> fitting = Arrays.stream(Profile.values()).filter(fault::fits).toList();
    Profile profile = fitting.get((seed * 5 + fault.id().length()) % fitting.size());
    return SimOptions.of(profile).withFaults(Set.of(fault)).withSeed(seed).withFrames(12);
  }

  /** A random trace. */
  static Sample random(String name, RandomTraces.Trace trace) {
    return new Sample(name, trace.metadata(), trace.events());
  }
}
