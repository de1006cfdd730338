package dev.kstrace.analyze;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A database that is made while the command line is still being read, and waits for the first
 * verdict of the process. To load the native library takes longer than all else that a short
 * command does, and a second processor is usually idle. Thread-safe.
 */
public final class ReadyDatabase {
  /** What rules read most; a table that is missing here is made when it is wanted. */
  private static final List<TableDef> TABLES =
      List.of(
          Tables.named("suspects"),
          Tables.named("suspect_allocators"),
          Tables.named("allocators"),
          Tables.named("trace_info"));

  private static final AtomicReference<@Nullable FutureTask<TraceDatabase>> WAITING =
      new AtomicReference<>();

  private ReadyDatabase() {}

  /**
   * Begins to make one, in a daemon thread.
   *
   * @param then what else the process will need, to be loaded there afterwards
   */
  public static void begin(Runnable then) {
    FutureTask<TraceDatabase> task = new FutureTask<>(ReadyDatabase::make);
    WAITING.set(task);
    Runnable all =
        () -> {
          task.run();
          Fingerprint.prepare();
          then.run();
        };
    Thread thread = new Thread(all, "load DuckDB");
    thread.setDaemon(true);
    thread.start();
  }

  private static TraceDatabase make() throws SQLException {
    TraceDatabase database = TraceDatabase.open();
    database.expect(TABLES);
    return database;
  }

  /**
   * The database that was begun, which is the caller's from now on; null where none was, where
   * somebody else has it, or where it cannot be made: who opens one then meets the same failure.
   */
  static @Nullable TraceDatabase take() {
    FutureTask<TraceDatabase> task = WAITING.getAndSet(null);
    if (task == null) {
      return null;
    }
    try {
      return task.get();
    } catch (ExecutionException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
