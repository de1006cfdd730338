package dev.kstrace.cli;

import dev.kstrace.analyze.Judge;
import dev.kstrace.analyze.JudgeSession;
import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.analyze.config.ConfigException;
import dev.kstrace.analyze.config.RulesInForce;
import dev.kstrace.analyze.triage.Baseline;
import dev.kstrace.analyze.triage.Judging;
import dev.kstrace.analyze.triage.Triage;
import dev.kstrace.analyze.triage.TriagedVerdict;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges traces by the rules and suppressions in force, for commands that need a verdict on the way
 * to something else. What could not be judged is told, and is in the exit code. Not thread-safe.
 */
final class ConfiguredJudge implements Judging {
  private final Command command;
  private final Console console;
  private final RulesInForce rules;
  private final Triage triage;
  private final Set<String> toldOf = new HashSet<>();
  private int exitCode;

  /**
   * A judge.
   *
   * @param known findings that are known; null = none
   */
  ConfiguredJudge(Command command, RulesInForce rules, @Nullable Baseline known) {
    this.command = command;
    this.console = command.console;
    this.rules = rules;
    this.triage = new Triage(rules.config().suppressions(), console.today(), known);
    this.exitCode = RuleOptions.tell(console, rules.refused());
  }

  /** The rules that it judges by. */
  RulesInForce rules() {
    return rules;
  }

  /** A rule, or a message with the nearest one; one whose file was refused cannot be had. */
  Rule find(String id) {
    try {
      Rule rule = rules.find("", id);
      if (rule == null) {
        throw UserError.usage("the rule " + id + " cannot be run");
      }
      return rule;
    } catch (ConfigException e) {
      throw UserError.usage(String.valueOf(e.getMessage()), e);
    }
  }

  /** Usage where a rule could not be run, else none. */
  int exitCode() {
    return exitCode;
  }

  /**
   * Reads and judges a trace.
   *
   * @throws UserError if it cannot be read
   */
  TriagedVerdict judge(Path file) throws SQLException {
    try {
      return judge(command.facts(file));
    } catch (IOException e) {
      throw Failure.input(file, e);
    }
  }

  @Override
  public synchronized TriagedVerdict judge(TraceFacts facts) throws SQLException, IOException {
    Verdict verdict = Judge.judge(facts, rules.rules(), rules.limits());
    for (Verdict.Failed failed : verdict.failed()) {
      tell(CheckRun.failure(failed, facts.file()));
    }
    return triage.sort(verdict);
  }

  /**
   * Judges a trace that the user does not know of, one of many; what fails in each is told once.
   *
   * @param session in which such traces are judged
   */
  synchronized TriagedVerdict judge(Path trace, JudgeSession session)
      throws SQLException, IOException {
    Verdict verdict = session.judge(trace, rules.rules());
    for (Verdict.Failed failed : verdict.failed()) {
      if (toldOf.add(failed.rule().id())) {
        tell("rule " + failed.rule().id() + " failed on a replay: " + failed.reason());
      }
    }
    return triage.sort(verdict);
  }

  private void tell(String failure) {
    exitCode = ExitCode.USAGE;
    console.err().println("kstrace: " + Failure.printable(failure, false));
  }
}
