package dev.kstrace.cli.report;

import dev.kstrace.analyze.FindingsDiff;
import dev.kstrace.analyze.PinMeasures;
import dev.kstrace.analyze.PinMeasures.Quantity;
import dev.kstrace.analyze.TraceDiff;
import dev.kstrace.traces.ReadProgress;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * Two traces side by side.
 *
 * @param before place of the one among all traces, from 0 on
 * @param after place of the other
 */
record Comparison(int before, int after, FindingsDiff findings, TraceDiff diff) {
  /**
   * The first of some traces with each of the others.
   *
   * @param progress told how far the latest reading of a trace is, from several threads
   */
  static List<Comparison> all(List<Told> traces, ReadProgress progress) throws SQLException {
    List<Comparison> all = new ArrayList<>();
    if (traces.size() < 2) {
      return all;
    }
    Told first = traces.get(0);
    SortedMap<String, SortedMap<Quantity, Long>> measures = PinMeasures.of(first.facts(), progress);
    for (int i = 1; i < traces.size(); i++) {
      Told other = traces.get(i);
      all.add(
          new Comparison(
              0,
              i,
              FindingsDiff.of(first.verdict().findings(), other.verdict().findings()),
              TraceDiff.of(
                  first.facts(),
                  other.facts(),
                  measures,
                  PinMeasures.of(other.facts(), progress))));
    }
    return all;
  }
}
