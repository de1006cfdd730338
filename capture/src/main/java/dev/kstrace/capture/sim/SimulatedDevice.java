package dev.kstrace.capture.sim;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.capture.OnFull;
import dev.kstrace.capture.RecorderOptions;
import dev.kstrace.capture.TraceRecorder;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A streaming device with its class driver and graph manager, recorded from its first pin to the
 * unload of its driver.
 *
 * <p>Without real threads everything follows from the options: the same options give the same bytes
 * on every machine.
 */
public final class SimulatedDevice {
  private final DeviceRun run;
  private final SimulatedCpu cpu;
  private final List<Actor> actors;

  private SimulatedDevice(SimOptions options, SimulatedCpu cpu, TraceRecorder recorder) {
    Profile profile = options.profile();
    this.cpu = cpu;
    SimAllocator allocator =
        new LockedAllocator(
            SimAllocators.create(profile, allocatorFaults(options), options.seed(), cpu));
    AllocatorDispatch timed =
        options.realThreads()
            ? allocator
            : new TimedDispatch(
                allocator, cpu, SplitMix.of(options.seed(), 50), profile.frameSize());
    run =
        new DeviceRun(
            options,
            cpu,
            recorder,
            allocator,
            recorder.wrap(timed, allocator),
            new CallerFaults(options, 2));
    actors =
        List.of(
            new PinStream(run, 0, profile.kind().firstPin),
            new PinStream(run, 1, profile.kind().secondPin),
            new BystanderPin(run, 2, profile.kind() == Profile.Kind.CAMERA));
  }

  /**
   * Runs a device to its orderly end and records it.
   *
   * @param options what to simulate
   * @param file the trace to write
   * @param overwrite whether an existing file is replaced
   * @throws java.nio.file.FileAlreadyExistsException if the file exists and may not be replaced
   * @throws IOException if the trace cannot be written
   */
  public static SimResult record(SimOptions options, Path file, boolean overwrite)
      throws IOException {
    return record(options, file, recording(options).withOverwrite(overwrite));
  }

  /**
   * As {@link #record(SimOptions, Path, boolean)}, with options of the recorder that were made from
   * {@link #recording}.
   */
  public static SimResult record(SimOptions options, Path file, RecorderOptions recording)
      throws IOException {
    SimulatedCpu cpu = options.realThreads() ? new SimulatedCpu.Real() : new SimulatedCpu.Logical();
    TraceRecorder recorder = TraceRecorder.open(file, metadata(options), cpu, recording);
    SimulatedDevice device;
    try (recorder) {
      device = new SimulatedDevice(options, cpu, recorder);
      device.run();
    }
    recorder.requireRecorded();
    return new SimResult(
        recorder.recordedEvents(), recorder.lostEvents(), device.run.pendingFaults());
  }

  /** How a run of these options is recorded unless somebody wants it otherwise: nothing is lost. */
  public static RecorderOptions recording(SimOptions options) {
    return options.realThreads()
        ? RecorderOptions.background().withOnFull(OnFull.BLOCK)
        : RecorderOptions.inline();
  }

  /** What a trace of these options says about itself: enough to make it again. */
  public static TraceMetadata metadata(SimOptions options) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put(TraceMetadata.ORIGIN, "simulated");
    values.put(TraceMetadata.COMPLETE_START, "true");
    values.put(TraceMetadata.CLOCK, options.realThreads() ? "nanotime" : "simulated");
    values.put(TraceMetadata.PRODUCER, options.producer());
    values.put("kstrace.device", "simulated");
    values.put("kstrace.profile", options.profile().id());
    values.put("kstrace.seed", Long.toString(options.seed()));
    values.put("kstrace.frames", Long.toString(options.frames()));
    values.put("kstrace.threads", Integer.toString(options.threads()));
    values.put("kstrace.command", options.command());
    if (!options.faults().isEmpty()) {
      values.put("kstrace.fault", Fault.ids(options.faults()));
    }
    return TraceMetadata.of(values);
  }

  private void run() {
    if (cpu instanceof SimulatedCpu.Logical logical) {
      SeededScheduler.run(actors, logical);
    } else {
      ThreadScheduler.run(actors, run.options.threads(), run.faults);
    }
    cpu.onThread(0);
    run.recorder.driverUnload();
  }

  static Set<Fault> allocatorFaults(SimOptions options) {
    return options.faults().stream()
        .filter(fault -> fault.side() == Fault.Side.ALLOCATOR)
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Fault.class)));
  }
}
