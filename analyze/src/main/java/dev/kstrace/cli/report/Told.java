package dev.kstrace.cli.report;

import dev.kstrace.analyze.FindingGroup;
import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.Stories;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.analyze.report.Detail;
import dev.kstrace.analyze.report.Overview;
import dev.kstrace.analyze.triage.TriagedFinding.Status;
import dev.kstrace.analyze.triage.TriagedVerdict;
import dev.kstrace.traces.ReadProgress;
import java.io.IOException;
import java.util.List;

/**
 * All that a page tells of one trace.
 *
 * @param verdict without findings that are suppressed or known
 * @param known findings that are left out since the baseline has them
 * @param suppressed findings that are left out since a suppression covers them
 * @param rules those that it was judged by
 * @param groups the findings as {@code check} groups them
 * @param stories of the first finding of each group
 */
public record Told(
    Verdict verdict,
    long known,
    long suppressed,
    List<Rule> rules,
    Overview overview,
    List<FindingGroup> groups,
    Stories stories) {

  /**
   * Reads the trace for what the verdict does not have.
   *
   * @param progress told how far that is
   * @throws IOException if the file cannot be read any more
   */
  public static Told of(TriagedVerdict triaged, List<Rule> rules, ReadProgress progress)
      throws IOException {
    Verdict judged = triaged.verdict();
    Verdict verdict =
        new Verdict(judged.facts(), triaged.newFindings(), judged.notApplicable(), judged.failed());
    List<FindingGroup> groups = FindingGroup.of(verdict.findings());
    return new Told(
        verdict,
        triaged.count(Status.KNOWN),
        triaged.count(Status.SUPPRESSED),
        List.copyOf(rules),
        Overview.of(verdict, Detail.FULL, progress),
        groups,
        Stories.of(
            verdict.facts(),
            groups.stream().limit(Detail.FULL.rows()).map(FindingGroup::first).toList()));
  }

  /** What was read. */
  TraceFacts facts() {
    return verdict.facts();
  }
}
