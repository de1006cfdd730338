package dev.kstrace.analyze.triage;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.analyze.triage.TriagedFinding.Status;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sorts the findings of one call, trace after trace: a suppression goes first, then the baseline.
 * Not thread-safe.
 */
public final class Triage {
  private final List<Suppression> valid = new ArrayList<>();
  private final List<Suppression> expired = new ArrayList<>();
  private final Set<Suppression> used = new HashSet<>();
  private final Baseline.Counts known = new Baseline.Counts();
  private final Baseline.Counts found = new Baseline.Counts();

  /**
   * @param today the day on which suppressions must still hold; asked only where one has an end
   * @param baseline what is known; null = nothing
   */
  public Triage(
      List<Suppression> suppressions, Supplier<LocalDate> today, @Nullable Baseline baseline) {
    for (Suppression suppression : suppressions) {
      (suppression.isExpired(today) ? expired : valid).add(suppression);
    }
    if (baseline != null) {
      known.addAll(baseline);
    }
  }

  /** Sorts the findings of the next trace. */
  public TriagedVerdict sort(Verdict verdict) {
    List<TriagedFinding> findings = new ArrayList<>();
    for (Finding finding : verdict.findings()) {
      findings.add(sort(verdict, finding));
    }
    return new TriagedVerdict(verdict, List.copyOf(findings));
  }

  private TriagedFinding sort(Verdict verdict, Finding finding) {
    for (Suppression suppression : valid) {
      if (suppression.matches(verdict.facts(), finding)) {
        used.add(suppression);
        return new TriagedFinding(finding, Status.SUPPRESSED, suppression);
      }
    }
    found.add(finding);
    return new TriagedFinding(finding, known.remove(finding) ? Status.KNOWN : Status.NEW, null);
  }

  /** Suppressions that hold no more, whether or not they would cover a finding. */
  public List<Suppression> expired() {
    return List.copyOf(expired);
  }

  /** Suppressions that cover no finding so far. */
  public List<Suppression> unused() {
    return valid.stream().filter(suppression -> !used.contains(suppression)).toList();
  }

  /** What the baseline has more of than was found so far. */
  public Baseline missing() {
    return known.toBaseline();
  }

  /** All findings so far that are not suppressed, as a baseline for the next call. */
  public Baseline found() {
    return found.toBaseline();
  }
}
