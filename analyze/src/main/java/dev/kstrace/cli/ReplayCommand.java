package dev.kstrace.cli;

import dev.kstrace.replay.Pace;
import dev.kstrace.replay.ReplayEngine;
import dev.kstrace.replay.ReplayOptions;
import dev.kstrace.replay.ReplayReport;
import dev.kstrace.replay.host.CCompiler;
import dev.kstrace.replay.host.HostProgram;
import dev.kstrace.replay.host.NativeBuildException;
import dev.kstrace.replay.host.NativeCache;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace replay}: a recording driven through an allocator again. */
final class ReplayCommand extends Command {
  /** Each death costs a replay from the start; who has had so many should mend some first. */
  private static final int MOST_DEATHS = 50;

  private final PositionalParamSpec recording = arguments("0..1", "FILE", "The recording.");
  private final TargetOptions target = new TargetOptions(this);
  private final OptionSpec onDivergence =
      option(OnDivergence.class, "WHAT", "continue (default) or stop.", "--on-divergence");
  private final OptionSpec output =
      option(String.class, "FILE", "Write what the target did as a trace.", "-o", "--output");
  private final OptionSpec force = flag("Replace the output if it exists.", "-f", "--force");
  private final OptionSpec format =
      option(Format.class, "FORMAT", "Of the report: text (default) or json.", "--format");
  private final OptionSpec onCrash =
      option(OnCrash.class, "WHAT", "stop (default), or continue without the call.", "--on-crash");
  private final OptionSpec from =
      option(String.class, "SEQ", "Drive what comes before it without comparing.", "--from");
  private final OptionSpec until = option(String.class, "SEQ", "Stop behind it.", "--until");
  private final OptionSpec pace =
      option(String.class, "PACE", "none (default), recorded, or a factor such as 2x.", "--pace");
  private final OptionSpec interactive =
      flag("Go through it step by step; commands from the terminal or a pipe.", "--interactive");
  private final ExploreOptions explore = new ExploreOptions(this);
  private final RuleOptions rules = new RuleOptions(this);
  private final OptionSpec printHostBuild =
      flag("Show the command that builds the host of native: targets.", "--print-host-build");

  /** Values of {@code --on-divergence}. */
  enum OnDivergence {
    CONTINUE,
    STOP
  }

  /** Values of {@code --format}. */
  enum Format {
    TEXT,
    JSON
  }

  /** Values of {@code --on-crash}. */
  enum OnCrash {
    CONTINUE,
    STOP
  }

  ReplayCommand(Console console) {
    super(
        console,
        "replay",
        "Drive an allocator through exactly the calls of a recording.",
        "Targets: java:CLASS, an AllocatorDispatch of your own (--class-path); sim:PROFILE, the",
        "allocator of a simulated device; sim:PROFILE+FAULT with a fault of its own; sim:default,",
        "sim:slab, sim:reactos; native:LIB --table SYMBOL, an allocator in C, which kstrace",
        "build-target makes of a driver's sources. Two targets are compared with each other.");
    footer(
        "",
        "Exit code 4 where the target does otherwise than recorded, 5 where it died.",
        "Examples: kstrace replay mic.arrow --target sim:mic-pcm-48k-10ms -o replayed.arrow",
        "          kstrace replay mic.arrow --target sim:slab --explore 200 --seed 1",
        "          kstrace replay mic.arrow --target sim:slab --interactive");
  }

  @Override
  public Integer call() throws IOException {
    if (isSet(printHostBuild)) {
      console.out().println(hostBuild());
      return ExitCode.OK;
    }
    if (paths(recording).isEmpty()) {
      throw UserError.usage("missing required parameter: 'FILE' (see kstrace replay --help)");
    }
    Path file = paths(recording).get(0);
    @Nullable String named = output.getValue();
    Path replayed = named == null ? null : path(named);
    TraceMetadata metadata = metadata(file);
    if (replayed != null) {
      requireAnother(file, replayed);
    }
    boolean json = valueOr(format, Format.TEXT) == Format.JSON;
    if (explore.given()) {
      String with = "--explore and --schedule";
      requireNotGiven(with, onDivergence, onCrash, from, until, pace, interactive);
      return explore.run(file, target, rules, replayed, isSet(force), json);
    }
    explore.requireUnused();
    if (isSet(interactive)) {
      requireNotGiven("--interactive", onDivergence, onCrash, output, format, pace, until);
      @Nullable Long first = seq(from);
      String start = first == null ? "start" : Long.toUnsignedString(first);
      return ReplayInteractive.run(console, quiet(), file, target, rules, start);
    }
    rules.requireUnused("--explore, --schedule or --interactive");
    if (target.areTwo()) {
      requireNotGiven("two targets", onDivergence, onCrash, output, pace);
      return ReplayCompare.run(console, file, metadata, target, options(), progress(), json);
    }
    ReplayReport report = replay(file, metadata, replayed);
    if (json) {
      ReplayReportJson.write(report, console.out());
    } else {
      ReplayReportText.print(report, console.out());
    }
    if (replayed != null && !quiet()) {
      console.err().println(Failure.printable("wrote " + replayed, false));
    }
    if (report.death() != null || !report.survived().isEmpty()) {
      return ExitCode.TARGET_DIED;
    }
    return report.diverged() ? ExitCode.DIVERGED : ExitCode.OK;
  }

  private ReplayOptions options() {
    ReplayOptions options =
        valueOr(onDivergence, OnDivergence.CONTINUE) == OnDivergence.STOP
            ? ReplayOptions.DEFAULTS.stoppingAtFirst()
            : ReplayOptions.DEFAULTS;
    try {
      return options
          .between(seq(from), seq(until))
          .paced(Pace.parse(valueOr(pace, "none"), System::nanoTime));
    } catch (IllegalArgumentException e) {
      throw UserError.usage("--pace " + e.getMessage(), e);
    }
  }

  private static @Nullable Long seq(OptionSpec option) {
    @Nullable String text = option.getValue();
    try {
      return text == null ? null : Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw UserError.usage(option.longestName() + " " + text + ": expected a seq", e);
    }
  }

  private static void requireNotGiven(String with, OptionSpec... options) {
    for (OptionSpec option : options) {
      @Nullable Object value = option.getValue();
      if (value != null && !Boolean.FALSE.equals(value)) {
        throw UserError.usage(option.longestName() + " does not go with " + with);
      }
    }
  }

  private String hostBuild() {
    try {
      return new HostProgram(
              NativeCache.of(console.environment()), CCompiler.find(console.environment()))
          .command();
    } catch (NativeBuildException e) {
      throw UserError.build(e);
    }
  }

  private static TraceMetadata metadata(Path file) {
    try (TraceReader trace = TraceReader.open(file)) {
      return trace.metadata();
    } catch (IOException e) {
      throw Failure.input(file, e);
    }
  }

  private ReplayReport replay(Path file, TraceMetadata metadata, @Nullable Path replayed) {
    boolean goOn = valueOr(onCrash, OnCrash.STOP) == OnCrash.CONTINUE;
    try (Progress progress = progress()) {
      return new ReplayEngine(options())
          .telling(progress)
          .runPastDeaths(
              file, () -> target.make(metadata), replayed, isSet(force), goOn ? MOST_DEATHS : 0);
    } catch (dev.kstrace.traces.MalformedTraceException e) {
      throw Failure.input(file, e);
    } catch (IOException e) {
      throw replayed == null ? Failure.input(file, e) : Failure.output(replayed, e);
    }
  }
}
