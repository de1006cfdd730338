package dev.kstrace.cli;

import dev.kstrace.capture.OnFull;
import dev.kstrace.capture.RecorderOptions;
import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.Profile;
import dev.kstrace.capture.sim.SimOptions;
import dev.kstrace.capture.sim.SimResult;
import dev.kstrace.capture.sim.SimulatedDevice;
import dev.kstrace.traces.Compression;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

/** {@code kstrace capture sim}: the simulated device. */
final class CaptureSimCommand extends Command {
  private static final long DEFAULT_SEED = 1;
  private static final long DEFAULT_FLUSH_MILLIS = 200;

  private final OptionSpec list =
      flag("List the profiles and faults, and record nothing.", "--list");
  private final OptionSpec profile =
      choice(
          () -> Arrays.stream(Profile.values()).map(Profile::id).iterator(),
          "ID",
          "The device, see --list.",
          "--profile");
  private final OptionSpec faults =
      choices(
          () -> Arrays.stream(Fault.values()).map(Fault::id).iterator(),
          "ID",
          "A fault to show, once; several separated by commas.",
          "--fault");
  private final OptionSpec seed =
      option(Long.class, "N", "Decides all that is left to chance (default: 1).", "--seed");
  private final OptionSpec frames =
      option(
          Long.class,
          "N",
          "Media frames that each pin delivers (default: " + SimOptions.DEFAULT_FRAMES + ").",
          "--frames");
  private final OptionSpec threads =
      option(
          Integer.class,
          "N",
          "Threads that calls come from (default: " + SimOptions.DEFAULT_THREADS + ").",
          "--threads");
  private final OptionSpec realThreads =
      flag("OS threads and the real clock; no two runs are alike.", "--real-threads");
  private final OptionSpec onFull =
      option(
          OnFull.class,
          "WHAT",
          "With --real-threads, where the buffer is full: block (default), or drop the event and"
              + " count it.",
          "--on-full");
  private final OptionSpec flushMillis =
      option(
          Long.class,
          "MS",
          "With --real-threads, when events are on disk at the latest (200).",
          "--flush-ms");
  private final OptionSpec ring =
      option(
          String.class,
          "SIZE",
          "Keep the newest events in so much memory, such as 64MB, and write them at the end.",
          "--ring");
  private final OptionSpec compress =
      option(Compression.class, "HOW", "none (default) or zstd.", "--compress");
  private final OptionSpec output =
      option(String.class, "FILE", "The trace to write.", "-o", "--output");
  private final OptionSpec force = flag("Replace the file if it exists.", "-f", "--force");

  CaptureSimCommand(Console console) {
    super(console, "sim", "Record the simulated device.");
    footer(
        "",
        "Example: kstrace capture sim --profile mic-pcm-48k-10ms --fault double-free -o mic.arrow");
  }

  @Override
  public Integer call() {
    if (isSet(list)) {
      print(console.out());
      return ExitCode.OK;
    }
    @Nullable String device = profile.getValue();
    @Nullable String file = output.getValue();
    if (device == null) {
      throw UserError.usage(
          "which device? give --profile ID; kstrace capture sim --list shows them");
    }
    if (file == null) {
      throw UserError.usage("where to? give -o FILE");
    }
    SimOptions options = options(device);
    SimResult result = record(options, path(file));
    if (!quiet()) {
      console
          .err()
          .println(
              String.format(
                  Locale.ROOT,
                  "recorded %,d events into %s (profile %s, seed %d)",
                  result.events(),
                  Failure.printable(file.toString(), false),
                  device,
                  options.seed()));
    }
    if (!result.missed().isEmpty()) {
      throw UserError.usage(
          "the run was too short to show " + Fault.ids(result.missed()) + "; give more --frames");
    }
    return ExitCode.OK;
  }

  private SimOptions options(String device) {
    try {
      Set<Fault> wanted = EnumSet.noneOf(Fault.class);
      for (String id : values(faults)) {
        wanted.add(Fault.ofId(id.strip()));
      }
      return new SimOptions(
          Profile.ofId(device),
          wanted,
          valueOr(seed, DEFAULT_SEED),
          valueOr(frames, SimOptions.DEFAULT_FRAMES),
          valueOr(threads, SimOptions.DEFAULT_THREADS),
          isSet(realThreads),
          Version.producer());
    } catch (IllegalArgumentException e) {
      throw UserError.usage(String.valueOf(e.getMessage()), e);
    }
  }

  private RecorderOptions recording(SimOptions options) {
    if (!options.realThreads() && (onFull.getValue() != null || flushMillis.getValue() != null)) {
      throw UserError.usage(
          "--on-full and --flush-ms need --real-threads; without, nothing is buffered for long");
    }
    @Nullable String size = ring.getValue();
    try {
      return SimulatedDevice.recording(options)
          .withOnFull(valueOr(onFull, OnFull.BLOCK))
          .withFlushMillis(valueOr(flushMillis, DEFAULT_FLUSH_MILLIS))
          .withRing(size == null ? 0 : Sizes.parse(size))
          .withCompression(valueOr(compress, Compression.NONE))
          .withOverwrite(isSet(force))
          // A failure is this command's own, and told as such.
          .withReporter(sentence -> {});
    } catch (IllegalArgumentException e) {
      throw UserError.usage(String.valueOf(e.getMessage()), e);
    }
  }

  private SimResult record(SimOptions options, Path file) {
    try (Progress progress = progress()) {
      GrowingFile watched = GrowingFile.watch(file, progress);
      try {
        return SimulatedDevice.record(options, file, recording(options));
      } finally {
        watched.stop();
      }
    } catch (IOException e) {
      throw Failure.output(file, e);
    }
  }

  private static void print(PrintStream out) {
    out.println("Profiles (frames, bytes of a frame, alignment mask, format):");
    for (Profile profile : Profile.values()) {
      out.println(
          String.format(
              Locale.ROOT,
              "  %-20s %3d  %10d  0x%03x  %s",
              profile.id(),
              profile.frames(),
              profile.frameSize(),
              profile.fileAlignment(),
              profile.format()));
    }
    out.println();
    out.println("Faults (and the rules that find them):");
    for (Fault fault : Fault.values()) {
      long fitting = Arrays.stream(Profile.values()).filter(fault::fits).count();
      String limit = fitting == Profile.values().length ? "" : " (" + fitting + " profiles)";
      out.println(
          String.format(Locale.ROOT, "  %-22s %s%s", fault.id(), fault.description(), limit));
      out.println(
          String.format(Locale.ROOT, "  %-22s finds: %s", "", String.join(", ", fault.rules())));
    }
  }
}
