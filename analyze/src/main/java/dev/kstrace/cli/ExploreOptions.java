package dev.kstrace.cli;

import dev.kstrace.analyze.explore.Explorer;
import dev.kstrace.analyze.explore.Problem;
import dev.kstrace.analyze.explore.Tried;
import dev.kstrace.cli.text.Words;
import dev.kstrace.replay.Recording;
import dev.kstrace.replay.order.FailPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

/** {@code kstrace replay --explore} and {@code --schedule}: other legal orders of the events. */
final class ExploreOptions {
  private static final int MOST = 10_000_000;

  private final Command command;
  private final Console console;
  private final OptionSpec explore;
  private final OptionSpec schedule;
  private final OptionSpec failAllocate;
  private final OptionSpec failInitialize;
  private final OptionSpec targetSeed;

  ExploreOptions(Command command) {
    this.command = command;
    console = command.console;
    explore =
        command.option(
            Integer.class, "N", "Replay N other legal orders, from --seed (1) on.", "--explore");
    schedule =
        command.option(Long.class, "SEED", "Replay the order of one seed again.", "--schedule");
    failAllocate =
        command.option(
            String.class,
            "WHICH",
            "With these: allocates that fail: a number, each-once or p=0.06.",
            "--fail-allocate");
    failInitialize =
        command.flag("With these: an initialize short of memory in each.", "--fail-initialize");
    targetSeed =
        command.option(
            Long.class, "N", "With these: what --seed is without them.", "--target-seed");
  }

  /** Whether other orders were asked for. */
  boolean given() {
    return explore.getValue() != null || schedule.getValue() != null;
  }

  /** Refuses options that mean nothing without other orders. */
  void requireUnused() {
    if (failAllocate.getValue() != null
        || Command.isSet(failInitialize)
        || targetSeed.getValue() != null) {
      throw UserError.usage(
          "--fail-allocate, --fail-initialize and --target-seed go with --explore or --schedule");
    }
  }

  /**
   * Replays the orders and reports.
   *
   * @param rules what each order is judged by
   * @param replayed takes the trace of the first order that breaks something, or of the only one
   * @return the exit code
   */
  int run(
      Path file,
      TargetOptions target,
      RuleOptions rules,
      @Nullable Path replayed,
      boolean force,
      boolean asJson)
      throws IOException {
    Explorer.Plan plan = plan(target);
    long first = firstSeed(target);
    int count = count();
    if (replayed != null && Files.exists(replayed) && !force) {
      throw Failure.output(replayed, new java.nio.file.FileAlreadyExistsException(""));
    }
    Recording recording;
    try {
      recording = Recording.read(file);
    } catch (IOException e) {
      throw Failure.input(file, e);
    }
    try (ReplayJudge judge = new ReplayJudge(rules);
        Explorer explorer =
            new Explorer(
                recording,
                () -> target.make(recording.metadata(), targetSeed.getValue()),
                plan,
                judge)) {
      List<Tried> broken;
      try (Progress progress = command.progress()) {
        broken = explore(explorer, first, count, replayed, force, progress);
      }
      ExploreReport report =
          new ExploreReport(
              target.name(),
              recording.rows(),
              first,
              count,
              explorer.different(),
              explorer.recordedProblems(),
              broken,
              caveats(recording, explorer));
      if (asJson) {
        ExploreReportJson.write(report, console.out());
      } else {
        ExploreReportText.print(report, console.out());
      }
      return ExitCode.graver(judge.exitCode(), exitCode(explorer.recordedProblems(), broken));
    }
  }

  private List<Tried> explore(
      Explorer explorer,
      long first,
      int count,
      @Nullable Path replayed,
      boolean force,
      Progress progress)
      throws IOException {
    List<Tried> broken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long seed = first + i;
      Tried tried;
      if (replayed != null && broken.isEmpty()) {
        try (OutputFile output = OutputFile.create(replayed, force)) {
          tried = explorer.attempt(seed, output.part());
          if (tried.breaks() || count == 1) {
            output.commit();
          }
        }
      } else {
        tried = explorer.attempt(seed);
      }
      if (tried.breaks()) {
        broken.add(tried);
      }
      String said = Words.count(broken.size(), "breaks", "break") + " something";
      progress.at(i + 1, count, "order", "orders", said);
    }
    return broken;
  }

  private Explorer.Plan plan(TargetOptions target) {
    @Nullable String which = failAllocate.getValue();
    try {
      return new Explorer.Plan(
          which == null ? FailPlan.NONE : FailPlan.parse(which),
          Command.isSet(failInitialize) ? FailPlan.EACH_ONCE : FailPlan.NONE,
          target.name().startsWith("native:")); // no other code can be interrupted
    } catch (IllegalArgumentException e) {
      throw UserError.usage("--fail-allocate " + e.getMessage(), e);
    }
  }

  private long firstSeed(TargetOptions target) {
    @Nullable Long again = schedule.getValue();
    @Nullable Long seed = target.seed();
    if (again != null && (seed != null || explore.getValue() != null)) {
      throw UserError.usage("--schedule SEED goes with neither --explore nor --seed");
    }
    return again != null ? again : seed != null ? seed : 1;
  }

  private int count() {
    @Nullable Integer count = explore.getValue();
    if (count != null && (count < 1 || count > MOST)) {
      throw UserError.usage("--explore " + count + ": expected 1 to " + MOST + " orders");
    }
    return count == null ? 1 : count;
  }

  private static List<String> caveats(Recording recording, Explorer explorer) {
    List<String> caveats = new ArrayList<>();
    if (recording.isLossy()) {
      caveats.add(
          "Events were lost: what depends on a lost one may have been moved before it, so an order"
              + " that breaks something may not be legal.");
    }
    if (explorer.isOne()) {
      caveats.add("All events are of one thread, so the recorded order is the only legal one.");
    }
    return caveats;
  }

  private static int exitCode(List<Problem> recorded, List<Tried> broken) {
    List<Problem> all = new ArrayList<>(recorded);
    broken.forEach(tried -> all.addAll(tried.problems()));
    int code = ExitCode.OK;
    for (Problem problem : all) {
      code =
          ExitCode.graver(
              code,
              switch (problem.kind()) {
                case DEATH -> ExitCode.TARGET_DIED;
                case DIVERGENCE -> ExitCode.DIVERGED;
                case FINDING -> ExitCode.FINDINGS;
              });
    }
    return code;
  }
}
