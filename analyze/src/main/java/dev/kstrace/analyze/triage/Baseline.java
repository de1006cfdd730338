package dev.kstrace.analyze.triage;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Findings that are known: how many of each bug. Immutable.
 *
 * <p>A bug is a fingerprint at a severity, so that one that becomes graver is new. Counts are sums
 * over all traces of a call, since names of traces change from run to run.
 *
 * @param entries in order of rule, fingerprint and severity, each once
 */
public record Baseline(List<Entry> entries) {
  private static final Comparator<Entry> ORDER =
      Comparator.comparing(Entry::rule)
          .thenComparing(Entry::fingerprint)
          .thenComparing(Entry::severity);

  /**
   * How many findings there are of a bug.
   *
   * @param count at least 1
   */
  public record Entry(String rule, String fingerprint, Severity severity, int count) {
    private Entry with(int other) {
      return new Entry(rule, fingerprint, severity, other);
    }
  }

  /** Counts findings. Not thread-safe. */
  static final class Counts {
    private final Map<Entry, Integer> counts = new TreeMap<>(ORDER);

    private static Entry bug(Finding finding) {
      return new Entry(finding.rule(), finding.fingerprint(), finding.severity(), 1);
    }

    void add(Finding finding) {
      counts.merge(bug(finding), 1, Integer::sum);
    }

    void addAll(Baseline baseline) {
      baseline.entries.forEach(entry -> counts.merge(entry, entry.count, Integer::sum));
    }

    /** Takes one finding away; false where there is none left. */
    boolean remove(Finding finding) {
      Integer left = counts.get(bug(finding));
      if (left == null) {
        return false;
      }
      counts.computeIfPresent(bug(finding), (bug, count) -> count == 1 ? null : count - 1);
      return true;
    }

    Baseline toBaseline() {
      List<Entry> entries = new ArrayList<>();
      counts.forEach((bug, count) -> entries.add(bug.with(count)));
      return new Baseline(List.copyOf(entries));
    }
  }
}
