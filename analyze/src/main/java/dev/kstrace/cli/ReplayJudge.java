package dev.kstrace.cli;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.JudgeSession;
import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.explore.ReplayJudging;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Judges what targets did by the rules and suppressions in force, which are read when somebody asks
 * for the first time. Holds a database. Not thread-safe.
 */
final class ReplayJudge implements ReplayJudging, AutoCloseable {
  private final RuleOptions options;
  private final JudgeSession session;
  private @Nullable ConfiguredJudge judge;

  ReplayJudge(RuleOptions options) {
    this.options = options;
    this.session = new JudgeSession(options.limits());
  }

  private ConfiguredJudge judge() throws IOException {
    ConfiguredJudge known = judge;
    if (known == null) {
      try {
        known = options.judge();
      } catch (SQLException e) {
        throw new IOException("the rules cannot be read: " + e.getMessage(), e);
      }
      judge = known;
    }
    return known;
  }

  @Override
  public List<Finding> findings(Path replayed) throws IOException {
    try {
      return judge().judge(replayed, session).newFindings();
    } catch (SQLException e) {
      throw new IOException("the replay cannot be judged: " + e.getMessage(), e);
    }
  }

  @Override
  public List<String> rules() throws IOException {
    return judge().rules().rules().stream().map(Rule::id).toList();
  }

  /** Usage where a rule could not be run, else none. */
  int exitCode() {
    return judge == null ? ExitCode.OK : judge.exitCode();
  }

  @Override
  public void close() throws IOException {
    try {
      session.close();
    } catch (SQLException e) {
      throw new IOException("the database could not be closed: " + e.getMessage(), e);
    }
  }
}
