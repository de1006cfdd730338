package dev.kstrace.analyze;

import java.util.List;

/**
 * What the rules say about one trace. Immutable.
 *
 * @param facts what was read
 * @param findings in order of seq, then rule
 * @param notApplicable rules that the trace gives no input for, in the pack's order
 * @param failed rules of the user whose statement failed on this trace
 */
public record Verdict(
    TraceFacts facts,
    List<Finding> findings,
    List<NotApplicable> notApplicable,
    List<Failed> failed) {

  /**
   * A rule that does not apply.
   *
   * @param missing what the trace lacks
   */
  public record NotApplicable(String rule, String missing) {}

  /**
   * A rule that could not be carried out.
   *
   * @param reason one sentence
   */
  public record Failed(Rule rule, String reason) {}

  /** Findings of a severity. */
  public long count(Severity severity) {
    return findings.stream().filter(finding -> finding.severity() == severity).count();
  }
}
