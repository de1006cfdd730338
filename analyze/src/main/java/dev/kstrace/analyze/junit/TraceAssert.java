package dev.kstrace.analyze.junit;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.Judge;
import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.analyze.config.ConfigException;
import dev.kstrace.analyze.config.RulesInForce;
import dev.kstrace.analyze.triage.Triage;
import dev.kstrace.traces.Escapes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Assertions about a trace, judged by the built-in rules; a failed one throws an {@link
 * AssertionError} that lists the findings. Usable in any test framework. Not thread-safe.
 *
 * <pre>{@code
 * assertThatTrace(file).hasFinding("double-free").at(57);
 * assertThatTrace(file).ignoring("concurrent-calls").hasNoFindings();
 * }</pre>
 */
public final class TraceAssert {
  private static final int MOST_LINES = 20;

  private final Path trace;
  private final TraceFacts facts;
  private final List<Finding> findings;

  private TraceAssert(Path trace, TraceFacts facts, List<Finding> findings) {
    this.trace = trace;
    this.facts = facts;
    this.findings = findings;
  }

  /**
   * Reads and judges a trace by the rules in force: those of the nearest {@code kstrace.toml}
   * upward from the working directory, or of the file that the system property {@code
   * kstrace.config} names; {@code none} for the built-in ones. What is suppressed does not count.
   *
   * @throws IllegalStateException if the configuration is wrong, or a rule fails
   * @throws UncheckedIOException if it cannot be read or is no trace
   */
  public static TraceAssert assertThatTrace(Path trace) {
    try {
      RulesInForce rules = NearestRules.read(System.getProperty(NearestRules.PARAMETER, ""));
      Verdict verdict = Judge.judge(TraceFacts.of(trace), rules.rules(), rules.limits());
      for (Verdict.Failed failed : verdict.failed()) {
        throw new SQLException("rule " + failed.rule().id() + ": " + failed.reason());
      }
      Triage triage = new Triage(rules.config().suppressions(), TestVerdict::today, null);
      return new TraceAssert(trace, verdict.facts(), triage.sort(verdict).newFindings());
    } catch (ConfigException e) {
      throw new IllegalStateException(e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot judge " + trace, e);
    } catch (SQLException e) {
      throw new IllegalStateException("a rule failed on " + trace, e);
    }
  }

  /** The same trace, without the findings of some rules. */
  public TraceAssert ignoring(String... rules) {
    List<String> ignored = List.of(rules);
    return new TraceAssert(
        trace,
        facts,
        findings.stream().filter(finding -> !ignored.contains(finding.rule())).toList());
  }

  /** There is no finding of severity warning or error. */
  public TraceAssert hasNoFindings() {
    return hasNoFindings(Severity.WARNING);
  }

  /** There is no finding of that severity or a graver one. */
  public TraceAssert hasNoFindings(Severity from) {
    if (findings.stream().anyMatch(finding -> finding.severity().compareTo(from) >= 0)) {
      throw failure("expected no findings");
    }
    return this;
  }

  /** There is at least one finding of a rule, of any severity. */
  public FindingAssert hasFinding(String rule) {
    List<Finding> ofRule =
        findings.stream().filter(finding -> finding.rule().equals(rule)).toList();
    if (ofRule.isEmpty()) {
      throw failure("expected a finding of " + rule);
    }
    return new FindingAssert(this, rule, ofRule);
  }

  /** No allocator had more frames outstanding at once. */
  public TraceAssert hasAtMostOutstanding(long frames) {
    if (facts.peakOutstanding() > frames) {
      throw failure(
          "expected at most "
              + frames
              + " frames outstanding at once, there were "
              + facts.peakOutstanding());
    }
    return this;
  }

  /** The trace ended in order: no crash, no cut. */
  public TraceAssert endsInOrder() {
    if (!facts.cleanEnd()) {
      throw failure("expected an orderly end, the trace is cut");
    }
    return this;
  }

  /** No event was lost. */
  public TraceAssert hasNoLosses() {
    if (facts.lost() != 0 || facts.lostUnknown()) {
      throw failure("expected no losses, " + facts.lost() + " events are known to be lost");
    }
    return this;
  }

  private AssertionError failure(String expectation) {
    String found =
        findings.stream()
            .limit(MOST_LINES - 2)
            .map(TraceAssert::line)
            .collect(Collectors.joining(System.lineSeparator()));
    String heading =
        findings.isEmpty()
            ? "there are no findings"
            : findings.size() > MOST_LINES - 2
                ? "the first of " + findings.size() + " findings are:"
                : "the findings are:";
    return new AssertionError(
        expectation
            + " in "
            + trace
            + "; "
            + heading
            + (findings.isEmpty() ? "" : System.lineSeparator() + found));
  }

  private static String line(Finding finding) {
    return "  "
        + finding.severity().label()
        + " "
        + finding.rule()
        + " at seq "
        + Long.toUnsignedString(finding.seq())
        + ": "
        + Escapes.escape(finding.message())
        + (finding.mark() == null ? "" : ", during " + Escapes.escape(finding.mark().label()));
  }

  /** Assertions about the findings of one rule. Not thread-safe. */
  public static final class FindingAssert {
    private final TraceAssert trace;
    private final String rule;
    private final List<Finding> findings;

    private FindingAssert(TraceAssert trace, String rule, List<Finding> findings) {
      this.trace = trace;
      this.rule = rule;
      this.findings = findings;
    }

    /** One of them blames that event. */
    public FindingAssert at(long seq) {
      return narrowed(
          findings.stream().filter(finding -> finding.seq() == seq).toList(),
          "at seq " + Long.toUnsignedString(seq));
    }

    /** One of them is of that severity. */
    public FindingAssert withSeverity(Severity severity) {
      return narrowed(
          findings.stream().filter(finding -> finding.severity() == severity).toList(),
          "of severity " + severity.label());
    }

    /** One of them is certain: no loss and no cut may explain it. */
    public FindingAssert certain() {
      return narrowed(findings.stream().filter(Finding::certain).toList(), "that is certain");
    }

    /** There are exactly that many. */
    public FindingAssert times(int count) {
      if (findings.size() != count) {
        throw trace.failure(
            "expected " + count + " findings of " + rule + ", there are " + findings.size());
      }
      return this;
    }

    /** Back to the trace. */
    public TraceAssert and() {
      return trace;
    }

    private FindingAssert narrowed(List<Finding> fitting, String which) {
      if (fitting.isEmpty()) {
        throw trace.failure("expected a finding of " + rule + " " + which);
      }
      return new FindingAssert(trace, rule, fitting);
    }
  }
}
