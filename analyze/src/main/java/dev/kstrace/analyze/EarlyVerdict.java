package dev.kstrace.analyze;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Findings of a trace of which only a part was read, that the verdict on the whole will have too.
 *
 * <p>A part is a trace that is cut, and what is certain of a cut trace stays certain. Only one
 * thing can still make less of such a finding: where the order of events turns out to be broken,
 * findings of the allocator concerned become possible ones, see {@link Judge}.
 */
public final class EarlyVerdict {
  /**
   * Tables that a pass keeps as it goes; others come about at the end, or are read from the file.
   */
  private static final Set<String> TABLES =
      Set.of(
          "suspects",
          "suspect_allocators",
          "suspect_steps",
          "allocators",
          "pins",
          "pin_states",
          "marks",
          "losses",
          "disorder",
          "trace_info");

  private EarlyVerdict() {}

  /** The rules that can say something of a part: built-in ones that need no more than is kept. */
  public static List<Rule> rules(List<Rule> inForce) {
    return inForce.stream()
        .filter(rule -> rule.file() == null && TABLES.containsAll(rule.reads()))
        .toList();
  }

  /**
   * What is certain of a part, in the order of {@code seq}; findings do not say yet which mark they
   * fall under.
   *
   * @param rules of {@link #rules}
   * @throws SQLException if the database cannot be started
   */
  public static List<Finding> of(TraceFacts soFar, List<Rule> rules) throws SQLException {
    if (soFar.isProvisional()) {
      return List.of();
    }
    List<Rule> toRun = Judge.toRun(soFar, rules);
    if (toRun.isEmpty()) {
      return List.of();
    }
    try (TraceDatabase database = TraceDatabase.open()) {
      List<Finding> findings =
          Judge.findings(database, soFar, toRun, RuleLimits.DEFAULT, new ArrayList<>());
      return findings.stream().filter(Finding::certain).toList();
    }
  }
}
