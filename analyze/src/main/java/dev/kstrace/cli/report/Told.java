package dev.kstrace.cli.report;

import dev.kstrace.analyze.FindingGroup;
import dev.kstrace.analyze.Stories;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.analyze.report.Detail;
import dev.kstrace.analyze.report.Overview;
import java.io.IOException;
import java.util.List;

/**
 * All that a page tells of one trace.
 *
 * @param groups the findings as {@code check} groups them
 * @param stories of the first finding of each group
 */
public record Told(Verdict verdict, Overview overview, List<FindingGroup> groups, Stories stories) {

  /**
   * Reads the trace for what the verdict does not have.
   *
   * @throws IOException if the file cannot be read any more
   */
  public static Told of(Verdict verdict) throws IOException {
    List<FindingGroup> groups = FindingGroup.of(verdict.findings());
    return new Told(
        verdict,
        Overview.of(verdict, Detail.FULL),
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
