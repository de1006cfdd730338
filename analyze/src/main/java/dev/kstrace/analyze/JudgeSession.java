package dev.kstrace.analyze;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Judges many traces one after the other: the database, whose start is the slow part, is opened
 * once and only if a rule needs it. Not thread-safe.
 */
public final class JudgeSession implements AutoCloseable {
  private final RuleLimits limits;
  private @Nullable TraceDatabase database;

  /** A session in which the user's rules are held to the usual limits. */
  public JudgeSession() {
    this(RuleLimits.DEFAULT);
  }

  /** A session in which the user's rules are held to limits. */
  public JudgeSession(RuleLimits limits) {
    this.limits = limits;
  }

  /**
   * Reads and judges a trace.
   *
   * @throws IOException if it cannot be read or is no trace
   * @throws SQLException if the statement of a built-in rule fails
   */
  public Verdict judge(Path trace, List<Rule> rules) throws IOException, SQLException {
    TraceFacts facts = TraceFacts.of(trace);
    if (Judge.hasNothingToLookAt(facts, rules)) {
      return Judge.judge(facts, rules);
    }
    if (database == null) {
      database = TraceDatabase.open(limits.allowIo());
    }
    return Judge.judge(database, facts, rules, limits);
  }

  @Override
  public void close() throws SQLException {
    if (database != null) {
      database.close();
    }
  }
}
