package dev.kstrace.cli;

import dev.kstrace.analyze.Explanation;
import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.RulePack;
import dev.kstrace.analyze.triage.Suppression;
import dev.kstrace.analyze.triage.TriagedFinding;
import dev.kstrace.analyze.triage.TriagedVerdict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An explanation with what the rules in force and the suppressions add to it. Immutable.
 *
 * @param verdict the verdict that the explanation is of
 * @param rules the rules in force
 * @param named the findings of the fingerprint that was asked for, the explained one first; empty
 *     where an event was
 */
record Explained(
    Explanation explanation, TriagedVerdict verdict, List<Rule> rules, List<Finding> named) {
  /** The other findings of the fingerprint that was asked for. */
  List<Finding> others() {
    return named.isEmpty() ? named : named.subList(1, named.size());
  }

  /** The rule of a finding. */
  Rule rule(Finding finding) {
    return RulePack.named(finding.rule(), rules);
  }

  /** A finding with what to do about it. */
  TriagedFinding triaged(Finding finding) {
    return verdict.findings().stream()
        .filter(one -> one.finding().equals(finding))
        .findFirst()
        .orElseThrow();
  }

  /** What covers a finding; null = it counts. */
  @Nullable Suppression suppression(Finding finding) {
    return triaged(finding).suppression();
  }
}
