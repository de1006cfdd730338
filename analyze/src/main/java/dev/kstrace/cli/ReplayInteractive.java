package dev.kstrace.cli;

import dev.kstrace.cli.shell.Lines;
import dev.kstrace.cli.shell.TerminalLines;
import dev.kstrace.cli.step.PipeLines;
import dev.kstrace.cli.step.StepDialect;
import dev.kstrace.cli.step.Stepper;
import dev.kstrace.replay.Recording;
import dev.kstrace.replay.ReplaySession;
import dev.kstrace.replay.ReplayTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;

/** {@code kstrace replay --interactive}: a replay step by step. */
final class ReplayInteractive {
  private ReplayInteractive() {}

  /**
   * Answers commands to their end.
   *
   * @param rules what {@code findings} and {@code break rule} judge by
   * @param start seq of the event to begin behind, or {@code start}
   * @return the exit code
   */
  static int run(
      Console console,
      boolean quiet,
      Path file,
      TargetOptions target,
      RuleOptions rules,
      String start)
      throws IOException {
    Recording recording;
    try {
      recording = Recording.read(file);
    } catch (IOException e) {
      throw Failure.input(file, e);
    }
    Supplier<ReplayTarget> targets = () -> target.make(recording.metadata());
    boolean person = Terminal.isInteractive();
    try (ReplayJudge judge = new ReplayJudge(rules);
        ReplaySession session = new ReplaySession(recording, targets);
        Lines lines =
            person
                ? TerminalLines.open(console.environment(), new StepDialect())
                : new PipeLines(console.in())) {
      Stepper stepper = new Stepper(file, recording, targets, session, judge, console.out());
      if (person && !quiet) {
        console.out().println("help lists the commands; their first letters will do.");
      }
      if (!stepper.begin(start)) {
        return ExitCode.USAGE;
      }
      console.out().flush();
      stepper.run(lines);
    }
    return ExitCode.OK;
  }
}
