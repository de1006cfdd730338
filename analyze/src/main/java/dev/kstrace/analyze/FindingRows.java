package dev.kstrace.analyze;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns findings into rows of {@code findings}. */
final class FindingRows {
  private FindingRows() {}

  static List<@Nullable Object[]> rows(Verdict verdict) {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (Finding finding : verdict.findings()) {
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
            mark == null ? null : mark.test()
          });
    }
    return rows;
  }
}
