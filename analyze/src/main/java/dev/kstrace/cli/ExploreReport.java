package dev.kstrace.cli;

import dev.kstrace.analyze.explore.Problem;
import dev.kstrace.analyze.explore.Tried;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What came of replaying other orders. Immutable.
 *
 * @param target its name
 * @param events events of the recording
 * @param firstSeed of the first order
 * @param orders how many were replayed
 * @param different how many of them differ from each other
 * @param recorded problems of the recorded order
 * @param broken orders that break something else
 * @param caveats what weakens the result, one sentence each
 */
record ExploreReport(
    String target,
    long events,
    long firstSeed,
    int orders,
    int different,
    List<Problem> recorded,
    List<Tried> broken,
    List<String> caveats) {

  /** A problem, and the orders that have it, the first one first. */
  record Entry(Problem problem, List<Tried> orders) {}

  /** The problems of other orders in the order in which they were met. */
  List<Entry> entries() {
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Tried tried : broken) {
      for (Problem problem : tried.problems()) {
        entries
            .computeIfAbsent(problem.identity(), key -> new Entry(problem, new ArrayList<>()))
            .orders()
            .add(tried);
      }
    }
    return List.copyOf(entries.values());
  }
}
