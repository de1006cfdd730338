package dev.kstrace.analyze;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Findings of one cause: of one rule about one pin (or device) and role of allocator, equally grave
 * and equally certain. Immutable.
 *
 * @param findings at least one, in order of seq
 */
public record FindingGroup(List<Finding> findings) {
  /**
   * Puts findings into groups, the gravest first, equally grave ones in the order of their first
   * finding.
   *
   * @param findings in order of seq, as of {@link Verdict#findings}
   */
  public static List<FindingGroup> of(List<Finding> findings) {
    // Lists, since to hash a record for the first time in a process takes 15 ms.
    Map<List<Object>, List<Finding>> causes = new LinkedHashMap<>();
    for (Finding finding : findings) {
      List<Object> cause =
          List.of(finding.rule(), finding.severity(), finding.certain(), finding.fingerprint());
      causes.computeIfAbsent(cause, key -> new ArrayList<>()).add(finding);
    }
    return causes.values().stream()
        .map(group -> new FindingGroup(List.copyOf(group)))
        .sorted(Comparator.comparing((FindingGroup group) -> group.first().severity()).reversed())
        .toList();
  }

  /** The one that is told in full: that of the lowest seq. */
  public Finding first() {
    return findings.get(0);
  }

  /** How many findings there are. */
  public int size() {
    return findings.size();
  }
}
