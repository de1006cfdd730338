package dev.kstrace.analyze;

import java.util.List;

/**
 * What the rules say about one trace. Immutable.
 *
 * @param facts what was read
 * @param findings in order of seq, then rule
 * @param notApplicable rules that the trace gives no input for, in the pack's order
 */
public record Verdict(TraceFacts facts, List<Finding> findings, List<NotApplicable> notApplicable) {

  /**
   * A rule that does not apply.
   *
   * @param missing what the trace lacks
   */
  public record NotApplicable(String rule, String missing) {}

  /** Findings of a severity. */
  public long count(Severity severity) {
    return findings.stream().filter(finding -> finding.severity() == severity).count();
  }
}
