package dev.kstrace.analyze.triage;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.analyze.triage.TriagedFinding.Status;
import java.util.List;

/**
 * The verdict on one trace with what to do about each finding. Immutable.
 *
 * @param findings all of the verdict's, in its order
 */
public record TriagedVerdict(Verdict verdict, List<TriagedFinding> findings) {
  /** What was read. */
  public TraceFacts facts() {
    return verdict.facts();
  }

  /** The findings that count, in the verdict's order. */
  public List<Finding> newFindings() {
    return findings.stream()
        .filter(triaged -> triaged.status() == Status.NEW)
        .map(TriagedFinding::finding)
        .toList();
  }

  /** New findings of a severity. */
  public long count(Severity severity) {
    return newFindings().stream().filter(finding -> finding.severity() == severity).count();
  }

  /** Findings of a status. */
  public long count(Status status) {
    return findings.stream().filter(triaged -> triaged.status() == status).count();
  }
}
