package dev.kstrace.cli.findings;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.Mark;
import dev.kstrace.analyze.Marks;
import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.triage.TriagedFinding;
import dev.kstrace.analyze.triage.TriagedVerdict;
import dev.kstrace.cli.text.Words;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Findings by what was going on: a row for each mark, marks of one name together, in the order in
 * which they came. Not thread-safe.
 */
final class MarkTallies {
  private static final int MOST_ROWS = 60;
  private static final String BEFORE_ANY = "(before the first mark)";

  private final Map<String, Tally> rows = new LinkedHashMap<>();
  private long marks;
  private @Nullable Finding worst;
  private String worstTrace = "";

  /**
   * Counts the findings of a trace.
   *
   * @param named whether rows begin with the trace's name
   */
  void add(TriagedVerdict verdict, boolean named) {
    String trace = verdict.facts().file().toString();
    String prefix = named ? trace + ": " : "";
    for (Mark mark : Marks.of(verdict.facts()).all()) {
      marks += rows.putIfAbsent(prefix + mark.label(), Tally.NONE) == null ? 1 : 0;
    }
    for (TriagedFinding triaged : verdict.findings()) {
      Mark mark = triaged.finding().mark();
      String name = prefix + (mark == null ? BEFORE_ANY : mark.label());
      rows.merge(name, Tally.of(triaged), Tally::plus);
    }
    for (Finding finding : verdict.newFindings()) {
      if (worst == null || finding.severity().compareTo(worst.severity()) > 0) {
        worst = finding;
        worstTrace = trace;
      }
    }
  }

  /** Whether no trace has a mark, so that there is nothing to tell. */
  boolean isEmpty() {
    return marks == 0;
  }

  /** All rows; of very many only those with findings, and not too many of these. */
  Summary summary() {
    List<Map.Entry<String, Tally>> shown = List.copyOf(rows.entrySet());
    if (shown.size() > MOST_ROWS) {
      shown = shown.stream().filter(row -> !row.getValue().isClean()).limit(MOST_ROWS).toList();
    }
    Summary summary = new Summary();
    shown.forEach(row -> summary.add(row.getKey(), row.getValue()));
    return summary;
  }

  /** Such as {@code 12 marks, 2 rows with findings}. */
  String words() {
    long found = rows.values().stream().filter(tally -> !tally.isClean()).count();
    return Words.count(marks, "mark")
        + ", "
        + (found == 0 ? "none" : found)
        + " with findings"
        + (rows.size() > MOST_ROWS ? "; others are not shown" : "");
  }

  /** The command that tells more of the gravest finding; null where there is none. */
  @Nullable String nextCommand() {
    return worst == null || worst.severity() == Severity.INFO
        ? null
        : "kstrace explain " + worstTrace + " " + Long.toUnsignedString(worst.seq());
  }
}
