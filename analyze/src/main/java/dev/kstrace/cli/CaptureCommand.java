package dev.kstrace.cli;

import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.Profile;
import dev.kstrace.capture.sim.SimOptions;
import dev.kstrace.capture.sim.SimResult;
import dev.kstrace.capture.sim.SimulatedDevice;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kstrace capture}: the sources of a trace. */
@Command(name = "capture", description = "Record a device into a trace.")
final class CaptureCommand extends CommonOptions implements Runnable {
  private final Console console;

  CaptureCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    throw UserError.usage("capture what? see kstrace capture --help");
  }

  /** {@code kstrace capture sim}. */
  @Command(
      name = "sim",
      description = "Record the simulated device.",
      footer = {
        "",
        "Example: kstrace capture sim --profile mic-pcm-48k-10ms --fault double-free -o mic.arrow"
      })
  Integer sim(@Mixin SimArguments arguments) throws Exception {
    return new Sim(console, arguments).call();
  }

  /** Arguments of {@code capture sim}. */
  static final class SimArguments extends CommonOptions {
    @Option(names = "--list", description = "List the profiles and faults, and record nothing.")
    boolean list;

    @Option(names = "--profile", paramLabel = "ID", description = "The device, see --list.")
    @Nullable String profile;

    @Option(
        names = "--fault",
        paramLabel = "ID",
        split = ",",
        description = "A fault to show, once; several separated by commas.")
    List<String> faults = List.of();

    @Option(
        names = "--seed",
        paramLabel = "N",
        defaultValue = "1",
        description = "Decides all that is left to chance (default: ${DEFAULT-VALUE}).")
    long seed;

    @Option(
        names = "--frames",
        paramLabel = "N",
        defaultValue = "600",
        description = "Media frames that each pin delivers (default: ${DEFAULT-VALUE}).")
    long frames;

    @Option(
        names = "--threads",
        paramLabel = "N",
        defaultValue = "4",
        description = "Threads that calls come from, 1 to 64 (default: ${DEFAULT-VALUE}).")
    int threads;

    @Option(
        names = "--real-threads",
        description = "OS threads and the real clock; no two runs are alike.")
    boolean realThreads;

    @Option(
        names = {"-o", "--output"},
        paramLabel = "FILE",
        description = "The trace to write.")
    @Nullable Path output;

    @Option(
        names = {"-f", "--force"},
        description = "Replace the file if it exists.")
    boolean force;
  }

  /** Carries {@code capture sim} out. */
  static final class Sim implements Callable<Integer> {
    private final Console console;
    private final SimArguments arguments;

    Sim(Console console, SimArguments arguments) {
      this.console = console;
      this.arguments = arguments;
    }

    @Override
    public Integer call() {
      if (arguments.list) {
        list(console.out());
        return ExitCode.OK;
      }
      String profile = arguments.profile;
      Path output = arguments.output;
      if (profile == null) {
        throw UserError.usage(
            "which device? give --profile ID; kstrace capture sim --list shows them");
      }
      if (output == null) {
        throw UserError.usage("where to? give -o FILE");
      }
      SimResult result = record(options(profile), output);
      if (!arguments.quiet) {
        console
            .err()
            .println(
                String.format(
                    Locale.ROOT,
                    "recorded %,d events into %s (profile %s, seed %d)",
                    result.events(),
                    output,
                    profile,
                    arguments.seed));
      }
      if (!result.missed().isEmpty()) {
        console
            .err()
            .println(
                "kstrace: the run was too short to show "
                    + Fault.ids(result.missed())
                    + "; give more --frames");
        return ExitCode.USAGE;
      }
      return ExitCode.OK;
    }

    private SimOptions options(String profileId) {
      try {
        Set<Fault> faults = EnumSet.noneOf(Fault.class);
        for (String id : arguments.faults) {
          faults.add(Fault.ofId(id.strip()));
        }
        return new SimOptions(
            Profile.ofId(profileId),
            faults,
            arguments.seed,
            arguments.frames,
            arguments.threads,
            arguments.realThreads,
            Version.producer());
      } catch (IllegalArgumentException e) {
        throw UserError.usage(String.valueOf(e.getMessage()), e);
      }
    }

    private SimResult record(SimOptions options, Path output) {
      try {
        return SimulatedDevice.record(options, output, arguments.force);
      } catch (IOException e) {
        throw Failure.output(output, e);
      }
    }

    private static void list(PrintStream out) {
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
        out.println(
            String.format(
                Locale.ROOT,
                "  %-22s %s%s%n  %-22s finds: %s",
                fault.id(),
                fault.description(),
                fitting == Profile.values().length ? "" : " (" + fitting + " profiles)",
                "",
                String.join(", ", fault.rules())));
      }
    }
  }
}
