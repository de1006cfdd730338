package dev.kstrace.cli;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.RulePack;
import dev.kstrace.analyze.minimize.Minimizer;
import dev.kstrace.analyze.minimize.Trial;
import dev.kstrace.analyze.minimize.Trials;
import dev.kstrace.cli.text.Words;
import dev.kstrace.replay.DivergenceKind;
import dev.kstrace.replay.Recording;
import dev.kstrace.replay.ReplayReport;
import dev.kstrace.replay.ReplayTarget;
import dev.kstrace.replay.TargetDeath;
import dev.kstrace.replay.order.OrderedEvents;
import dev.kstrace.replay.order.Orders;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace minimize}: the smallest trace that still shows something. */
final class MinimizeCommand extends Command {
  private static final Pattern BUDGET = Pattern.compile("([0-9]{1,9})(s?)");

  private final PositionalParamSpec recording = arguments("1", "FILE", "The trace.");
  private final OptionSpec rule =
      choice(RulePack.IDS, "ID", "Keep the first finding of this rule.", "--rule");
  private final OptionSpec fingerprint =
      option(String.class, "HEX", "With --rule: the finding of this fingerprint.", "--fingerprint");
  private final OptionSpec divergence =
      flag("Keep the first divergence of the target from the recording.", "--divergence");
  private final OptionSpec crash = flag("Keep the target's death.", "--crash");
  private final OptionSpec test =
      option(
          String.class,
          "CMD",
          "Keep what makes this command fail; words are separated by blanks, the trace is its last"
              + " argument.",
          "--test");
  private final TargetOptions target = new TargetOptions(this);
  private final OptionSpec schedule =
      option(
          Long.class,
          "SEED",
          "Of the order of this seed (kstrace replay --explore).",
          "--schedule");
  private final RuleOptions rules = new RuleOptions(this);
  private final OptionSpec budget =
      option(String.class, "N", "Tries at most, or seconds, as in 30s.", "--budget");
  private final OptionSpec output =
      option(String.class, "FILE", "The trace to write.", "-o", "--output");
  private final OptionSpec force = flag("Replace the output if it exists.", "-f", "--force");

  MinimizeCommand(Console console) {
    super(
        console,
        "minimize",
        "Find the smallest trace that still shows a fault.",
        "A fault is a finding, a divergence, a crash or what makes a command fail.",
        "With --target each try drives the target anew; without, --rule judges the events as they"
            + " are.",
        "Where it is ended early, by --budget or Ctrl-C, the output is the smallest so far;"
            + " minimize that to go on.");
    footer("", "Example: kstrace minimize mic.arrow --rule double-free -o small.arrow");
  }

  /** What to keep, and its name in words. */
  private record Goal(String words, @Nullable Trial trial) {}

  @Override
  public Integer call() throws SQLException, IOException {
    Path file = paths(recording).get(0);
    Path small = output(file);
    TraceMetadata metadata;
    List<TraceEvent> events;
    try (TraceReader reader = TraceReader.open(file)) {
      metadata = reader.metadata();
      events = schedule.getValue() == null ? Trials.read(file) : ordered(file);
    } catch (IOException e) {
      throw Failure.input(file, e);
    }
    try (Trials trials = new Trials(metadata, rules.limits())) {
      Goal goal = goal(trials, metadata, events);
      if (goal.trial() == null) {
        throw UserError.usage(doesNotShow(file) + goal.words());
      }
      return minimize(file, small, metadata, events, goal.trial(), goal.words());
    }
  }

  private List<TraceEvent> ordered(Path file) throws IOException {
    Recording recorded = Recording.read(file);
    long seed = Objects.requireNonNull(schedule.<Long>getValue());
    return Trials.read(new OrderedEvents(recorded, new Orders(recorded).of(seed)));
  }

  /**
   * What an order owes to calls that let others in, or that were short of memory, stays behind: no
   * trace can say that.
   */
  private String doesNotShow(Path file) {
    @Nullable Long seed = schedule.getValue();
    return seed == null
        ? file + " does not show it: "
        : file
            + " in the order of seed "
            + seed
            + ", each call behind the other and none short of memory, does not show it: ";
  }

  private Path output(Path file) {
    @Nullable String named = output.getValue();
    if (named == null) {
      throw UserError.usage("where to? give -o FILE");
    }
    Path small = path(named);
    requireAnother(file, small);
    if (Files.exists(small) && !isSet(force)) {
      throw Failure.output(small, new java.nio.file.FileAlreadyExistsException(named));
    }
    return small;
  }

  private Goal goal(Trials trials, TraceMetadata metadata, List<TraceEvent> events)
      throws SQLException, IOException {
    @Nullable String wantedRule = rule.getValue();
    @Nullable String command = test.getValue();
    long given =
        Stream.of(wantedRule != null, command != null, isSet(divergence), isSet(crash))
            .filter(Boolean::booleanValue)
            .count();
    if (given != 1) {
      throw UserError.usage(
          "what to keep? give one of --rule ID, --divergence, --crash and --test CMD");
    }
    Supplier<ReplayTarget> driven = target.given() ? () -> target.make(metadata) : null;
    if (wantedRule != null) {
      return finding(trials, events, rules.judge().find(wantedRule), driven);
    }
    if (command != null) {
      Trial fails = trials.commandFails(List.of(command.strip().split("\\s+")));
      return new Goal("the failure of " + command, fails.shows(events) ? fails : null);
    }
    if (driven == null) {
      throw UserError.usage("which target? --divergence and --crash need --target");
    }
    return isSet(crash) ? death(trials, events, driven) : divergence(trials, events, driven);
  }

  private Goal finding(
      Trials trials, List<TraceEvent> events, Rule wanted, @Nullable Supplier<ReplayTarget> driven)
      throws IOException {
    @Nullable String print = fingerprint.getValue();
    Finding found = trials.find(events, wanted, print, driven);
    String words =
        "a finding of " + wanted.id() + (print == null ? "" : " with fingerprint " + print);
    return new Goal(words, found == null ? null : trials.sameFinding(wanted, found, driven));
  }

  private static Goal death(Trials trials, List<TraceEvent> events, Supplier<ReplayTarget> driven)
      throws IOException {
    TargetDeath death = trials.replay(events, driven).death();
    if (death == null) {
      return new Goal("the target's death", null);
    }
    String cause = death.cause();
    return new Goal(
        "the target's death",
        trials.replayed(
            driven, report -> report.death() != null && report.death().cause().equals(cause)));
  }

  private static Goal divergence(
      Trials trials, List<TraceEvent> events, Supplier<ReplayTarget> driven) throws IOException {
    ReplayReport report = trials.replay(events, driven);
    if (report.first() == null) {
      return new Goal("a divergence of the target", null);
    }
    DivergenceKind kind = report.first().divergence().kind();
    return new Goal(
        "a divergence in " + kind.label(),
        trials.replayed(
            driven, other -> other.first() != null && other.first().divergence().kind() == kind));
  }

  private int minimize(
      Path file,
      Path small,
      TraceMetadata metadata,
      List<TraceEvent> events,
      Trial trial,
      String words)
      throws IOException {
    AtomicBoolean interrupted = new AtomicBoolean();
    CountDownLatch written = new CountDownLatch(1);
    Thread hook = new Thread(() -> interrupt(interrupted, written), "minimize-interrupted");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      Minimizer.Result result = search(events, trial, interrupted);
      if (result == null) {
        throw UserError.usage(file + " does not show it twice: " + words);
      }
      write(small, metadata, events.size(), result, words);
      tell(small, events.size(), result);
    } finally {
      written.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The JVM is going down already, and waits for what was just written.
      }
    }
    return interrupted.get() ? ExitCode.INTERRUPTED : ExitCode.OK;
  }

  private Minimizer.@Nullable Result search(
      List<TraceEvent> events, Trial trial, AtomicBoolean interrupted) throws IOException {
    BooleanSupplier withinBudget = budget();
    try (Progress progress = progress()) {
      return Minimizer.minimize(
          events,
          trial,
          () -> !interrupted.get() && withinBudget.getAsBoolean(),
          (original, best, tries) -> progress.at(tries, "try", "tries", shrunk(original, best)));
    }
  }

  /** Ends the search and waits until its result is on disk. */
  private static void interrupt(AtomicBoolean interrupted, CountDownLatch written) {
    interrupted.set(true);
    try {
      written.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      // Nothing else is left to do here.
    }
  }

  private BooleanSupplier budget() {
    String text = valueOr(budget, "");
    if (text.isEmpty()) {
      return () -> true;
    }
    Matcher parts = BUDGET.matcher(text);
    if (!parts.matches()) {
      throw UserError.usage("--budget " + text + ": expected tries, as in 500, or 30s");
    }
    long number = Long.parseLong(parts.group(1));
    if (parts.group(2).isEmpty()) {
      long[] left = {number};
      return () -> left[0]-- > 0;
    }
    LongSupplier clock = console.clock();
    long start = clock.getAsLong();
    return () -> clock.getAsLong() - start < TimeUnit.SECONDS.toNanos(number);
  }

  private static String shrunk(int original, int best) {
    return String.format(Locale.ROOT, "%,d -> %s", original, Words.count(best, "event"));
  }

  private void write(
      Path small, TraceMetadata metadata, int original, Minimizer.Result result, String words) {
    String kept = words + ", from ";
    String before = metadata.get(Trials.MINIMIZED_KEY);
    boolean goesOn = before != null && before.startsWith(kept);
    try {
      Trials.write(
          small,
          goesOn ? metadata : metadata.with(Trials.MINIMIZED_KEY, kept + original + " events"),
          result.events(),
          isSet(force));
    } catch (IOException e) {
      throw Failure.output(small, e);
    }
  }

  private void tell(Path small, int original, Minimizer.Result result) {
    if (quiet()) {
      return;
    }
    console
        .err()
        .println(
            shrunk(original, result.events().size())
                + ", "
                + Words.count(result.tries(), "try", "tries")
                + (result.finished() ? "" : ", not minimal yet: ended early"));
    console
        .err()
        .println(
            Failure.printable(
                "wrote "
                    + small
                    + "; next: "
                    + Stream.of("kstrace text " + small, "kstrace check " + small)
                        .collect(Collectors.joining(", ")),
                false));
  }
}
