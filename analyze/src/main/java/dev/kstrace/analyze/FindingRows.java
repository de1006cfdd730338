package dev.kstrace.analyze;

import dev.kstrace.analyze.triage.Suppression;
import dev.kstrace.analyze.triage.TriagedFinding;
import dev.kstrace.analyze.triage.TriagedVerdict;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns findings into rows of {@code findings}. */
final class FindingRows {
  private FindingRows() {}

  static List<@Nullable Object[]> rows(TriagedVerdict verdict) {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (TriagedFinding triaged : verdict.findings()) {
      Finding finding = triaged.finding();
      Suppression suppression = triaged.suppression();
      Mark mark = finding.mark();
      rows.add(
          new @Nullable Object[] {
            finding.rule(),
            finding.severity().label(),
            finding.certain() ? "certain" : "possible",
            finding.seq(),
            finding.pin(),
            finding.context(),
            finding.frame(),
            finding.allocId(),
            finding.message(),
            finding.fingerprint(),
            mark == null ? null : mark.text(),
            mark == null ? null : mark.test(),
            suppression == null ? null : suppression.reason()
          });
    }
    return rows;
  }
}
