package dev.kstrace.cli;

import dev.kstrace.analyze.Judge;
import dev.kstrace.analyze.PassOptions;
import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.RuleLimits;
import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.UserRules;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.analyze.triage.Baseline;
import dev.kstrace.analyze.triage.Suppression;
import dev.kstrace.analyze.triage.Triage;
import dev.kstrace.analyze.triage.TriagedVerdict;
import dev.kstrace.cli.findings.FindingsFormat;
import dev.kstrace.cli.findings.Outcome;
import dev.kstrace.cli.findings.Setting;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** One call of {@code check}: trace after trace, and the exit code of all. Not thread-safe. */
final class CheckRun {
  private final Console console;
  private final boolean quiet;
  private final List<Rule> rules;
  private final Supplier<Triage> newTriage;
  private final Triage triage;
  private final RuleLimits limits;
  private final List<Outcome.Note> notes = new ArrayList<>();
  private final Set<String> unjudged = new HashSet<>();
  private boolean complete = true;
  private int exitCode = ExitCode.OK;

  /**
   * A run that has judged nothing yet.
   *
   * @param triage a new one each time, all alike
   */
  CheckRun(
      Console console,
      boolean quiet,
      List<Rule> rules,
      Supplier<Triage> triage,
      RuleLimits limits) {
    this.console = console;
    this.quiet = quiet;
    this.rules = List.copyOf(rules);
    this.newTriage = triage;
    this.triage = triage.get();
    this.limits = limits;
  }

  List<Rule> rules() {
    return rules;
  }

  /** Whether all traces were judged by all rules. */
  boolean isComplete() {
    return complete;
  }

  int exitCode() {
    return exitCode;
  }

  /** What was found and is not suppressed. */
  Baseline found() {
    return triage.found();
  }

  /** Tells of a file that is no rule. */
  void refuse(UserRules.Refused rule) {
    leftUndone(ExitCode.USAGE, refusal(rule));
  }

  /** What is wrong with a file that is no rule, and where. */
  static String refusal(UserRules.Refused rule) {
    return rule.file() + ":" + rule.line() + " is no rule and left out: " + rule.reason();
  }

  /** Which rule failed on a trace, and why. */
  static String failure(Verdict.Failed failed, Path file) {
    return "rule " + failed.rule().id() + " failed on " + file + ": " + failed.reason();
  }

  /** Judges traces and tells the format of each. */
  void judge(List<Path> traces, Setting setting, FindingsFormat format)
      throws SQLException, IOException {
    for (Path file : traces) {
      judge(file, setting, format);
    }
    for (Suppression suppression : triage.expired()) {
      warn(
          suppression.place()
              + ": the suppression ended on "
              + suppression.until()
              + " (today is "
              + console.today().get()
              + " UTC): "
              + suppression.reason());
    }
    for (Suppression suppression : triage.unused()) {
      warn(suppression.place() + ": the suppression covers no finding: " + suppression.reason());
    }
    format.end(new Outcome(exitCode, List.copyOf(notes), fixed()));
  }

  private void judge(Path file, Setting setting, FindingsFormat format)
      throws SQLException, IOException {
    TraceFacts facts;
    try (Progress progress = Progress.of(console, quiet)) {
      FirstFinding first = new FirstFinding(progress, rules, newTriage, System::nanoTime);
      facts = TraceFacts.of(file, new PassOptions(setting.chart() != null, progress, first));
    } catch (IOException e) {
      UserError error = Failure.input(file, e);
      complete = false;
      exitCode = ExitCode.graver(exitCode, Failure.report(error, console.err()));
      format.unreadable(file, String.valueOf(error.getMessage()));
      return;
    }
    Verdict verdict = Judge.judge(facts, rules, limits);
    for (Verdict.Failed failed : verdict.failed()) {
      leftUndone(ExitCode.USAGE, failure(failed, file));
    }
    verdict.notApplicable().forEach(rule -> unjudged.add(rule.rule()));
    TriagedVerdict triaged = triage.sort(verdict);
    format.add(triaged);
    if (triaged.newFindings().stream().anyMatch(finding -> setting.fails(finding.severity()))) {
      exitCode = ExitCode.graver(exitCode, ExitCode.FINDINGS);
    }
  }

  /** What the baseline has too much of, as far as the rules could have found it again. */
  private Baseline fixed() {
    if (!complete) {
      return new Baseline(List.of());
    }
    Set<String> judged = new HashSet<>();
    rules.forEach(rule -> judged.add(rule.id()));
    judged.removeAll(unjudged);
    return new Baseline(
        triage.missing().entries().stream()
            .filter(entry -> judged.contains(entry.rule()))
            .toList());
  }

  private void leftUndone(int code, String text) {
    complete = false;
    exitCode = ExitCode.graver(exitCode, code);
    note(Severity.ERROR, text);
  }

  private void warn(String text) {
    note(Severity.WARNING, text);
  }

  private void note(Severity severity, String text) {
    notes.add(new Outcome.Note(severity, text));
    if (severity == Severity.ERROR || !quiet) {
      console.err().println("kstrace: " + Failure.printable(text, false));
    }
  }
}
