package dev.kstrace.analyze;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What became of the findings of one trace in another, told apart by their fingerprints; of one
 * fingerprint there may be several. Immutable.
 *
 * @param added more in the second trace than in the first, in order of the second's findings
 * @param fixed fewer in the second trace, in order of the first's findings
 * @param remaining in both
 */
public record FindingsDiff(List<Entry> added, List<Entry> fixed, List<Entry> remaining) {
  /**
   * Findings of one fingerprint.
   *
   * @param example one of those that are counted
   * @param count how many were added, fixed or remain
   */
  public record Entry(Finding example, int count) {}

  /** Compares two verdicts. */
  public static FindingsDiff of(List<Finding> before, List<Finding> after) {
    Map<String, List<Finding>> old = byFingerprint(before);
    Map<String, List<Finding>> now = byFingerprint(after);
    List<Entry> added = new ArrayList<>();
    List<Entry> fixed = new ArrayList<>();
    List<Entry> remaining = new ArrayList<>();
    Set<String> all = new LinkedHashSet<>(now.keySet());
    all.addAll(old.keySet());
    for (String fingerprint : all) {
      List<Finding> was = old.getOrDefault(fingerprint, List.of());
      List<Finding> is = now.getOrDefault(fingerprint, List.of());
      int both = Math.min(was.size(), is.size());
      if (both > 0) {
        remaining.add(new Entry(is.get(0), both));
      }
      if (is.size() > both) {
        added.add(new Entry(gravest(is.subList(both, is.size())), is.size() - both));
      }
      if (was.size() > both) {
        fixed.add(new Entry(was.get(both), was.size() - both));
      }
    }
    return new FindingsDiff(List.copyOf(added), List.copyOf(fixed), List.copyOf(remaining));
  }

  private static Finding gravest(List<Finding> findings) {
    Finding gravest = findings.get(0);
    for (Finding finding : findings) {
      if (finding.severity().compareTo(gravest.severity()) > 0) {
        gravest = finding;
      }
    }
    return gravest;
  }

  private static Map<String, List<Finding>> byFingerprint(List<Finding> findings) {
    Map<String, List<Finding>> groups = new LinkedHashMap<>();
    for (Finding finding : findings) {
      groups.computeIfAbsent(finding.fingerprint(), key -> new ArrayList<>()).add(finding);
    }
    return groups;
  }
}
