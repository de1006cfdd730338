package dev.kstrace.analyze.junit;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.FindingGroup;
import dev.kstrace.analyze.Judge;
import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.analyze.config.RulesInForce;
import dev.kstrace.analyze.triage.Triage;
import dev.kstrace.traces.Escapes;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What the rules and limits say about a test's trace. Immutable.
 *
 * @param findings those that are not allowed, of any severity
 * @param failOn the least severity that fails the test
 * @param peak most frames outstanding at once in one allocator
 * @param most the limit of that, {@link Long#MAX_VALUE} = none
 */
record TestVerdict(List<Finding> findings, Severity failOn, long peak, long most) {
  private static final int MOST_LINES = 20;

  /**
   * Judges a trace; what the configuration suppresses does not count.
   *
   * @throws SQLException if a rule fails
   */
  static TestVerdict of(
      Path trace, RulesInForce rules, Set<String> allowed, Severity failOn, long most)
      throws IOException, SQLException {
    Verdict verdict = Judge.judge(TraceFacts.of(trace), rules.rules(), rules.limits());
    for (Verdict.Failed failed : verdict.failed()) {
      throw new SQLException("rule " + failed.rule().id() + " failed: " + failed.reason());
    }
    Triage triage = new Triage(rules.config().suppressions(), TestVerdict::today, null);
    List<Finding> findings =
        triage.sort(verdict).newFindings().stream()
            .filter(finding -> !allowed.contains(finding.rule()))
            .toList();
    return new TestVerdict(findings, failOn, verdict.facts().peakOutstanding(), most);
  }

  /** A suppression that has ended must not hide anything, in a test as little as elsewhere. */
  static LocalDate today() {
    return LocalDate.now(ZoneOffset.UTC);
  }

  boolean fails() {
    return peak > most
        || findings.stream().anyMatch(finding -> finding.severity().compareTo(failOn) >= 0);
  }

  long count(Severity severity) {
    return findings.stream().filter(finding -> finding.severity() == severity).count();
  }

  /** At most 20 lines: the gravest first, and where to read on. */
  String text(Path trace) {
    List<String> lines = new ArrayList<>();
    if (peak > most) {
      lines.add(peak + " frames were outstanding at once, @MaxOutstanding allows " + most);
    }
    for (FindingGroup group : FindingGroup.of(findings)) {
      Finding first = group.first();
      lines.add(
          first.severity().label()
              + " "
              + first.rule()
              + (first.certain() ? "" : " (possible)")
              + ": seq "
              + Long.toUnsignedString(first.seq())
              + ": "
              + Escapes.escape(first.message())
              + (first.mark() == null ? "" : ", during " + Escapes.escape(first.mark().label()))
              + (group.size() == 1 ? "" : " (and " + (group.size() - 1) + " more of this cause)"));
    }
    int room = MOST_LINES - 2;
    if (lines.size() > room) {
      int left = lines.size() - (room - 1);
      lines = new ArrayList<>(lines.subList(0, room - 1));
      lines.add("and " + left + " more");
    }
    lines.add("trace: " + trace);
    lines.add("next:  kstrace check " + trace);
    return String.join(System.lineSeparator(), lines);
  }
}
