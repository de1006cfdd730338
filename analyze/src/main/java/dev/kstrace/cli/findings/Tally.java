package dev.kstrace.cli.findings;

import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.triage.TriagedFinding;
import dev.kstrace.analyze.triage.TriagedFinding.Status;
import dev.kstrace.analyze.triage.TriagedVerdict;
import dev.kstrace.cli.text.Words;
import java.util.ArrayList;
import java.util.List;

/**
 * How many findings there are. Immutable.
 *
 * @param errors new ones that are errors
 * @param warnings new ones that are warnings
 * @param infos new ones that are worth showing
 * @param known those that the baseline has
 * @param suppressed those that somebody decided to leave
 */
record Tally(long errors, long warnings, long infos, long known, long suppressed) {
  static final Tally NONE = new Tally(0, 0, 0, 0, 0);

  static Tally of(TriagedVerdict verdict) {
    return new Tally(
        verdict.count(Severity.ERROR),
        verdict.count(Severity.WARNING),
        verdict.count(Severity.INFO),
        verdict.count(Status.KNOWN),
        verdict.count(Status.SUPPRESSED));
  }

  static Tally of(TriagedFinding triaged) {
    boolean counts = triaged.status() == Status.NEW;
    Severity severity = triaged.finding().severity();
    return new Tally(
        counts && severity == Severity.ERROR ? 1 : 0,
        counts && severity == Severity.WARNING ? 1 : 0,
        counts && severity == Severity.INFO ? 1 : 0,
        triaged.status() == Status.KNOWN ? 1 : 0,
        triaged.status() == Status.SUPPRESSED ? 1 : 0);
  }

  Tally plus(Tally other) {
    return new Tally(
        errors + other.errors,
        warnings + other.warnings,
        infos + other.infos,
        known + other.known,
        suppressed + other.suppressed);
  }

  /** Whether nothing new was found. */
  boolean isClean() {
    return errors + warnings + infos == 0;
  }

  /** Such as {@code 1 error, 2 known}; {@code no findings} where there are none. */
  String words() {
    List<String> parts = new ArrayList<>();
    if (errors > 0) {
      parts.add(Words.count(errors, "error"));
    }
    if (warnings > 0) {
      parts.add(Words.count(warnings, "warning"));
    }
    if (infos > 0) {
      parts.add(Words.count(infos, "info", "info"));
    }
    if (isClean()) {
      parts.add(known + suppressed > 0 ? "no new findings" : "no findings");
    }
    if (known > 0) {
      parts.add(Words.count(known, "known", "known"));
    }
    if (suppressed > 0) {
      parts.add(Words.count(suppressed, "suppressed", "suppressed"));
    }
    return String.join(", ", parts);
  }
}
