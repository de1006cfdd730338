package dev.kstrace.cli;

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
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kstrace replay}: a recording driven through an allocator again. */
@Command(
    name = "replay",
    description = {
      "Drive an allocator through exactly the calls of a recording.",
      "Targets: java:CLASS, an AllocatorDispatch of your own (--class-path); sim:PROFILE, the",
      "allocator of a simulated device; sim:PROFILE+FAULT with a fault of its own; sim:default,",
      "sim:slab, sim:reactos."
    },
    footer = {
      "",
      "Exit code 4 where the target does otherwise than recorded, 5 where it died.",
      "Example: kstrace replay mic.arrow --target sim:mic-pcm-48k-10ms -o replayed.arrow"
    })
final class ReplayCommand extends CommonOptions implements Callable<Integer> {
  private static final int LISTED = 10;

  private final Console console;

  @Parameters(paramLabel = "FILE", description = "The recording.")
  private Path file = Path.of("");

  @Option(names = "--target", paramLabel = "T", required = true, description = "What to drive.")
  private String target = "";

  @Option(
      names = {"--class-path", "-cp"},
      paramLabel = "PATH",
      description = "Jars and folders of a java: target.")
  private String classPath = "";

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of a simulated target (default: the recording's).")
  private @Nullable Long seed;

  @Option(
      names = "--on-divergence",
      paramLabel = "WHAT",
      defaultValue = "continue",
      description = "continue or stop (default: ${DEFAULT-VALUE}).")
  private OnDivergence onDivergence = OnDivergence.CONTINUE;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write what the target did as a trace.")
  private @Nullable Path output;

  @Option(
      names = {"-f", "--force"},
      description = "Replace the output if it exists.")
  private boolean force;

  /** Values of {@code --on-divergence}. */
  enum OnDivergence {
    CONTINUE,
    STOP
  }

  ReplayCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    Path replayed = output;
    if (replayed != null && Files.exists(replayed) && Files.isSameFile(file, replayed)) {
      throw UserError.usage("the output " + replayed + " is the recording itself");
    }
    ReplayReport report;
    try (ReplayTarget driven = target(metadata())) {
      report = replay(driven, replayed);
    }
    print(report, console.out());
    if (replayed != null && !quiet) {
      console.err().println("wrote " + replayed);
    }
    if (report.death() != null) {
      return ExitCode.TARGET_DIED;
    }
    return report.diverged() ? ExitCode.DIVERGED : ExitCode.OK;
  }

  private TraceMetadata metadata() {
    try (TraceReader trace = TraceReader.open(file)) {
      return trace.metadata();
    } catch (IOException e) {
      throw Failure.input(file, e);
    }
  }

  private ReplayTarget target(TraceMetadata recording) {
    try {
      return ReplayTargets.parse(target, recording, paths(), seed);
    } catch (IllegalArgumentException e) {
      throw UserError.usage(String.valueOf(e.getMessage()), e);
    }
  }

  private List<Path> paths() {
    List<Path> paths = new ArrayList<>();
    for (String part : classPath.split(File.pathSeparator, -1)) {
      if (!part.isEmpty()) {
        Path path = Path.of(part);
        if (!Files.exists(path)) {
          throw UserError.usage("--class-path names " + part + ", which does not exist");
        }
        paths.add(path);
      }
    }
    return paths;
  }

  private ReplayReport replay(ReplayTarget driven, @Nullable Path replayed) {
    ReplayOptions options =
        onDivergence == OnDivergence.STOP
            ? ReplayOptions.DEFAULTS.stoppingAtFirst()
            : ReplayOptions.DEFAULTS;
    try {
      return new ReplayEngine(options).run(file, driven, replayed, force);
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
            + ": "
            + (report.diverged()
                ? Words.count(report.calls() - report.same(), "call") + " differ"
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
