package dev.kstrace.analyze;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Answers SQL over traces. */
public final class Query {
  private Query() {}

  /** Takes the rows of a result while they are there. */
  @FunctionalInterface
  public interface Receiver {
    /** Reads the result to its end. */
    void accept(ResultSet result) throws SQLException, IOException;
  }

  /**
   * Runs SQL and hands over the result of its last statement, if that has one.
   *
   * @param files at least one trace; with several every table has a first column {@code trace}
   * @throws SQLException if the SQL is wrong or fails
   * @throws IOException if a trace cannot be read, or the receiver fails
   */
  public static void run(List<Path> files, String sql, Receiver receiver)
      throws SQLException, IOException {
    List<TraceFacts> traces = new ArrayList<>();
    for (Path file : files) {
      traces.add(TraceFacts.of(file));
    }
    try (TraceDatabase database = TraceDatabase.open()) {
      database.attach(traces);
      if (sql.toLowerCase(Locale.ROOT).contains("findings")) {
        database.attachFindings(verdicts(traces));
      }
      try (Statement statement = database.statement()) {
        if (statement.execute(sql)) {
          try (ResultSet result = statement.getResultSet()) {
            receiver.accept(result);
          }
        }
      }
    }
  }

  private static List<Verdict> verdicts(List<TraceFacts> traces) throws SQLException {
    List<Verdict> verdicts = new ArrayList<>();
    for (TraceFacts facts : traces) {
      verdicts.add(Judge.judge(facts, RulePack.builtIn()));
    }
    return verdicts;
  }
}
