package dev.kstrace.cli;

import dev.kstrace.analyze.TraceDatabase;
import java.sql.SQLException;

/**
 * Loads DuckDB's native library while the command line is still being read. That takes longer than
 * everything else a short command does, and a second processor is usually idle.
 */
final class DatabaseWarmUp {
  private DatabaseWarmUp() {}

  static void begin() {
    Thread thread = new Thread(DatabaseWarmUp::load, "load DuckDB");
    thread.setDaemon(true);
    thread.start();
  }

  private static void load() {
    try {
      TraceDatabase.open().close();
    } catch (SQLException | LinkageError e) {
      // The command meets the same failure in a moment and reports it.
    }
  }
}
