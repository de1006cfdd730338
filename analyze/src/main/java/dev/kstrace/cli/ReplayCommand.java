package dev.kstrace.cli;

import dev.kstrace.cli.text.Words;
import dev.kstrace.replay.DivergenceKind;
import dev.kstrace.replay.FirstDivergence;
import dev.kstrace.replay.ReplayEngine;
import dev.kstrace.replay.ReplayOptions;
import dev.kstrace.replay.ReplayReport;
import dev.kstrace.replay.ReplayTarget;
import dev.kstrace.replay.ReplayTargets;
import dev.kstrace.replay.TargetDeath;
import dev.kstrace.traces.Escapes;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace replay}: a recording driven through an allocator again. */
final class ReplayCommand extends Command {
  private static final int LISTED = 10;

  private final PositionalParamSpec recording = arguments("1", "FILE", "The recording.");
  private final OptionSpec target = option(String.class, "T", "What to drive.", "--target");
  private final OptionSpec classPath =
      option(String.class, "PATH", "Jars and folders of a java: target.", "--class-path", "-cp");
  private final OptionSpec seed =
      option(Long.class, "N", "Seed of a simulated target (default: the recording's).", "--seed");
  private final OptionSpec onDivergence =
      option(OnDivergence.class, "WHAT", "continue (default) or stop.", "--on-divergence");
  private final OptionSpec output =
      option(String.class, "FILE", "Write what the target did as a trace.", "-o", "--output");
  private final OptionSpec force = flag("Replace the output if it exists.", "-f", "--force");

  /** Values of {@code --on-divergence}. */
  enum OnDivergence {
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
        "sim:slab, sim:reactos.");
    footer(
        "",
        "Exit code 4 where the target does otherwise than recorded, 5 where it died.",
        "Example: kstrace replay mic.arrow --target sim:mic-pcm-48k-10ms -o replayed.arrow");
  }

  @Override
  public Integer call() throws IOException {
    Path file = paths(recording).get(0);
    @Nullable String named = output.getValue();
    Path replayed = named == null ? null : path(named);
    TraceMetadata metadata = metadata(file);
    if (replayed != null) {
      requireAnother(file, replayed);
    }
    ReplayReport report;
    try (ReplayTarget driven = target(metadata)) {
      report = replay(file, driven, replayed);
    }
    print(report, console.out());
    if (replayed != null && !quiet()) {
      console.err().println("wrote " + replayed);
    }
    if (report.death() != null) {
      return ExitCode.TARGET_DIED;
    }
    return report.diverged() ? ExitCode.DIVERGED : ExitCode.OK;
  }

  private static TraceMetadata metadata(Path file) {
    try (TraceReader trace = TraceReader.open(file)) {
      return trace.metadata();
    } catch (IOException e) {
      throw Failure.input(file, e);
    }
  }

  private ReplayTarget target(TraceMetadata metadata) {
    @Nullable String wanted = target.getValue();
    if (wanted == null) {
      throw UserError.usage(
          "which target? give --target java:CLASS, sim:PROFILE or sim:PROFILE+FAULT");
    }
    try {
      return ReplayTargets.parse(wanted, metadata, classPath(), seed.getValue());
    } catch (IllegalArgumentException e) {
      throw UserError.usage(String.valueOf(e.getMessage()), e);
    }
  }

  private List<Path> classPath() {
    List<Path> paths = new ArrayList<>();
    for (String part : valueOr(classPath, "").split(File.pathSeparator, -1)) {
      if (!part.isEmpty()) {
        Path path = path(part);
        if (!Files.exists(path)) {
          throw UserError.usage("--class-path names " + part + ", which does not exist");
        }
        paths.add(path);
      }
    }
    return paths;
  }

  private ReplayReport replay(Path file, ReplayTarget driven, @Nullable Path replayed) {
    ReplayOptions options =
        valueOr(onDivergence, OnDivergence.CONTINUE) == OnDivergence.STOP
            ? ReplayOptions.DEFAULTS.stoppingAtFirst()
            : ReplayOptions.DEFAULTS;
    try {
      return new ReplayEngine(options).run(file, driven, replayed, isSet(force));
    } catch (dev.kstrace.traces.MalformedTraceException e) {
      throw Failure.input(file, e);
    } catch (IOException e) {
      throw replayed == null ? Failure.input(file, e) : Failure.output(replayed, e);
    }
  }

  private static void print(ReplayReport report, PrintStream out) {
    out.println(
        "replayed "
            + Words.count(report.calls(), "call")
            + " on "
            + report.target()
            + (report.death() == null ? ": " : " until it died: ")
            + (report.diverged()
                ? Words.count(report.calls() - report.same(), "call differs", "calls differ")
                : "all as recorded"));
    for (DivergenceKind kind : DivergenceKind.values()) {
      long count = report.count(kind);
      if (count > 0) {
        out.println(
            "  "
                + kind.label()
                + " "
                + count
                + (kind.isContract()
                    ? ""
                    : " (information: caching policy, no part of the contract)"));
      }
    }
    for (String caveat : report.caveats()) {
      out.println("  note: " + caveat);
    }
    FirstDivergence first = report.first();
    if (first != null) {
      out.println();
      out.println("first divergence: " + Escapes.escape(first.divergence().text()));
      out.println("  the events before it:");
      first.before().forEach(line -> out.println("    " + Escapes.escape(line)));
      report.divergences().stream()
          .filter(divergence -> divergence.kind().isContract())
          .skip(1)
          .limit(LISTED)
          .forEach(divergence -> out.println("  also: " + Escapes.escape(divergence.text())));
    }
    TargetDeath death = report.death();
    if (death != null) {
      out.println();
      out.println(Escapes.escape(death.text()));
    }
  }
}
