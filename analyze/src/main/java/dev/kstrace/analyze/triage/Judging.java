package dev.kstrace.analyze.triage;

import dev.kstrace.analyze.Judge;
import dev.kstrace.analyze.RulePack;
import dev.kstrace.analyze.TraceFacts;
import java.io.IOException;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.List;

/** How a trace is judged, for those who do so when somebody asks for its findings. */
@FunctionalInterface
public interface Judging {
  /** By the built-in rules, with every finding counting. */
  Judging BUILT_IN =
      facts ->
          new Triage(List.of(), () -> LocalDate.MAX, null)
              .sort(Judge.judge(facts, RulePack.builtIn()));

  /**
   * Judges a trace.
   *
   * @throws SQLException if a rule fails
   * @throws IOException if the file has to be read again and cannot be
   */
  TriagedVerdict judge(TraceFacts facts) throws SQLException, IOException;
}
