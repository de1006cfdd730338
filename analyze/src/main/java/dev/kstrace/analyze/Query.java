package dev.kstrace.analyze;

import dev.kstrace.analyze.triage.Judging;
import dev.kstrace.traces.ReadProgress;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers SQL over traces.
 *
 * <p>Traces are read when a statement asks for them, and only as far as it does; rows are handed
 * over while they come about, so that a result of any length needs no memory. Not thread-safe but
 * for {@link #cancel}.
 */
public final class Query implements AutoCloseable {
  /** All that the driver says of a result that failed before its first row. */
  private static final String LOST_MESSAGE = "Invalid Input Error: Invalid result set";

  /** Small files: numbers as differences, as all current readers know them, and zstd. */
  private static final String PARQUET =
      "FORMAT parquet, USE_TMP_FILE false, PARQUET_VERSION v2, COMPRESSION zstd";

  private static final Pattern LINE = Pattern.compile("\nLINE (\\d+): ");
  private static final String REPEATED = "kstrace_repeated";

  private final TraceDatabase database;
  private final @Nullable Path parquet;
  private volatile @Nullable PreparedStatement running;
  private volatile boolean cancelled;

  private Query(TraceDatabase database, @Nullable Path parquet) {
    this.database = database;
    this.parquet = parquet;
  }

  /** Takes the rows of a result while they are there. */
  @FunctionalInterface
  public interface Receiver {
    /** Reads the result to its end. */
    void accept(ResultSet result) throws SQLException, IOException;
  }

  /** A statement and its parameters do not fit together; the message is for users. */
  public static final class ParameterException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ParameterException(String message) {
      super(message);
    }
  }

  /**
   * Opens traces; of each only the head is read.
   *
   * @param files at least one trace; with several every table has a first column {@code trace}
   * @throws SQLException if the database cannot be started
   * @throws IOException if a file cannot be read or is no trace
   */
  public static Query open(List<Path> files) throws SQLException, IOException {
    return open(files, ReadProgress.NONE);
  }

  /**
   * As {@link #open(List)}.
   *
   * @param progress told how far the latest reading of a trace is, from several threads
   */
  public static Query open(List<Path> files, ReadProgress progress)
      throws SQLException, IOException {
    return open(files, Judging.BUILT_IN, null, false, progress);
  }

  /**
   * As {@link #open(List)}, for {@link #writeParquet}.
   *
   * @param judging where the findings come from
   * @param parquet the file that it will write; null = none
   * @param allowIo whether SQL can reach files and the network
   */
  public static Query open(
      List<Path> files, Judging judging, @Nullable Path parquet, boolean allowIo)
      throws SQLException, IOException {
    return open(files, judging, parquet, allowIo, ReadProgress.NONE);
  }

  /**
   * As {@link #open(List, Judging, Path, boolean)}.
   *
   * @param progress told how far the latest reading of a trace is, from several threads
   */
  public static Query open(
      List<Path> files,
      Judging judging,
      @Nullable Path parquet,
      boolean allowIo,
      ReadProgress progress)
      throws SQLException, IOException {
    List<TraceSource> traces = new ArrayList<>();
    for (Path file : files) {
      traces.add(TraceSource.open(file, judging, progress));
    }
    return new Query(TraceDatabase.streaming(traces, parquet, allowIo), parquet);
  }

  /** Names of all tables, in the order of the documentation. */
  public static List<String> tableNames() {
    return Tables.QUERIED.stream().map(TableDef::name).toList();
  }

  /** All tables with what one row of each is, in the order of the documentation. */
  public static Map<String, String> tables() {
    Map<String, String> tables = new LinkedHashMap<>();
    Tables.QUERIED.forEach(table -> tables.put(table.name(), table.doc()));
    return tables;
  }

  /**
   * A column.
   *
   * @param type as SQL names it
   * @param doc meaning, unit, and what NULL says
   */
  public record Column(String name, String type, String doc) {}

  /** The columns of a table, in order. */
  public static List<Column> columns(String table) {
    for (TableDef def : Tables.QUERIED) {
      if (def.name().equals(table)) {
        return def.columns().stream()
            .map(column -> new Column(column.name(), column.type().shown(), column.doc()))
            .toList();
      }
    }
    throw new IllegalArgumentException("unknown table, name=" + table);
  }

  /** Names of all functions that come on top of the database's own. */
  public static List<String> macroNames() {
    return Macros.ALL.stream().map(Macros.MacroDef::name).toList();
  }

  /** Names of all columns of all tables, each once. */
  public static List<String> columnNames() {
    return Tables.QUERIED.stream()
        .flatMap(table -> table.columns().stream())
        .map(TableDef.ColumnDef::name)
        .distinct()
        .toList();
  }

  /**
   * Runs SQL and hands over the result of its last statement, if that has one.
   *
   * @param parameters values of {@code $name}: Long, BigInteger, BigDecimal, Double, Boolean or
   *     String
   * @throws ParameterException if a parameter is missing, or used by no statement
   * @throws SQLException if the SQL is wrong, fails, or is cancelled
   * @throws IOException if a trace cannot be read, or the receiver fails
   */
  public void run(String sql, Map<String, Object> parameters, Receiver receiver)
      throws SQLException, IOException {
    List<SqlScript.Statement> statements = checked(sql, parameters);
    for (int i = 0; i < statements.size(); i++) {
      boolean last = i == statements.size() - 1;
      run(statements.get(i), parameters, last ? receiver : result -> {});
    }
  }

  /**
   * As {@link #run}, writing the result into the file that was named when the query was opened. The
   * database writes it itself, so that every type of a column is kept.
   */
  public void writeParquet(String sql, Map<String, Object> parameters)
      throws SQLException, IOException {
    if (parquet == null) {
      throw new IllegalStateException("opened without a file to write");
    }
    writeParquet(sql, parameters, parquet, Map.of());
  }

  /**
   * As {@link #writeParquet(String, Map)}, into any file; for queries that can reach all.
   *
   * @param metadata what the file says of itself, by key; keys differ in more than case
   */
  public void writeParquet(
      String sql, Map<String, Object> parameters, Path file, Map<String, String> metadata)
      throws SQLException, IOException {
    List<SqlScript.Statement> statements = checked(sql, parameters);
    for (int i = 0; i < statements.size() - 1; i++) {
      run(statements.get(i), parameters, result -> {});
    }
    SqlScript.Statement last = statements.get(statements.size() - 1);
    try {
      database.prepare(last.sql()).close(); // says what is wrong without the words around it
    } catch (SQLException e) {
      throw new SQLException(last.named(String.valueOf(e.getMessage())), e);
    }
    String options = PARQUET;
    if (!metadata.isEmpty()) {
      StringJoiner pairs = new StringJoiner(", ", ", KV_METADATA {", "}");
      metadata.forEach(
          (key, value) ->
              pairs.add('"' + key.replace("\"", "\"\"") + "\": " + TraceDatabase.quote(value)));
      options += pairs;
    }
    String target = TraceDatabase.quote(file.toString());
    String copy = "COPY (\n" + last.sql() + "\n) TO " + target + " (" + options + ")";
    run(new SqlScript.Statement(copy, last.parameters(), false), parameters, result -> {});
  }

  /**
   * Writes all tables and functions into a new DuckDB file; for queries that can reach all files.
   *
   * @param file does not exist yet
   */
  public void writeDatabase(Path file) throws SQLException, IOException {
    run(DatabaseFile.script(file), Map.of(), result -> {});
  }

  /** Stops what is running, from another thread; nothing happens where nothing runs. */
  public void cancel() {
    cancelled = true;
    PreparedStatement statement = running;
    if (statement != null) {
      try {
        statement.cancel();
      } catch (SQLException e) {
        return; // it has just ended by itself
      }
    }
  }

  /** Whether {@link #cancel} was called since the last statement began. */
  public boolean isCancelled() {
    return cancelled;
  }

  private static List<SqlScript.Statement> checked(String sql, Map<String, Object> parameters)
      throws SQLException {
    List<SqlScript.Statement> statements = SqlScript.statements(sql);
    if (statements.isEmpty()) {
      throw new SQLException("there is no statement in it");
    }
    Set<String> unused = new LinkedHashSet<>(parameters.keySet());
    for (SqlScript.Statement statement : statements) {
      if (statement.positional()) {
        throw new ParameterException(
            "the SQL has a parameter without a name (? or $1); write $name");
      }
      for (String name : statement.parameters()) {
        if (!parameters.containsKey(name)) {
          throw new ParameterException("the SQL asks for $" + name + ", which has no value");
        }
        unused.remove(name);
      }
    }
    if (!unused.isEmpty()) {
      throw new ParameterException(
          "the SQL has no $" + String.join(", $", unused) + ", for which there is a value");
    }
    return statements;
  }

  private void run(SqlScript.Statement statement, Map<String, Object> parameters, Receiver receiver)
      throws SQLException, IOException {
    cancelled = false;
    SQLException failed = null;
    IOException unreadable = null;
    try {
      if (!execute(statement.sql(), statement, parameters, receiver)) {
        failed = repeated(statement, parameters);
      }
    } catch (SQLException e) {
      failed = e;
    } finally {
      running = null;
      unreadable = database.endScans();
    }
    if (unreadable != null && !cancelled) {
      throw unreadable;
    }
    if (failed != null) {
      throw new SQLException(statement.named(String.valueOf(failed.getMessage())), failed);
    }
  }

  /** Returns false where the statement failed and the driver lost why. */
  private boolean execute(
      String sql, SqlScript.Statement statement, Map<String, Object> parameters, Receiver receiver)
      throws SQLException, IOException {
    try (PreparedStatement prepared = database.prepare(sql)) {
      int index = 1;
      for (String name : statement.parameters()) {
        prepared.setObject(index++, Objects.requireNonNull(parameters.get(name), name));
      }
      running = prepared;
      boolean hasRows;
      try {
        hasRows = prepared.execute();
      } catch (SQLException e) {
        if (LOST_MESSAGE.equals(e.getMessage())) {
          return false;
        }
        throw e;
      }
      if (hasRows) {
        try (ResultSet result = prepared.getResultSet()) {
          receiver.accept(result);
        }
      }
      return true;
    }
  }

  /**
   * Runs a statement once more as one whose result is not streamed: there the driver keeps the
   * message. It failed before its first row, so that this takes no longer than it took before.
   */
  private SQLException repeated(SqlScript.Statement statement, Map<String, Object> parameters)
      throws IOException {
    if (cancelled) {
      return new SQLException("cancelled");
    }
    String create = "CREATE OR REPLACE TEMP TABLE " + REPEATED + " AS\n";
    try {
      execute(create + statement.sql(), statement, parameters, result -> {});
      database.execute("DROP TABLE " + REPEATED);
      return new SQLException("it failed when it ran, but not when it ran again");
    } catch (SQLException e) {
      return new SQLException(lineBefore(String.valueOf(e.getMessage())), e);
    }
  }

  /** A message about the line before the one it names. */
  private static String lineBefore(String message) {
    Matcher line = LINE.matcher(message);
    if (!line.find()) {
      return message;
    }
    String number = line.group(1);
    String before = Integer.toString(Integer.parseInt(number) - 1);
    // The caret stands below: keep it there where the number loses a digit.
    String place = "\nLINE " + before + ": " + " ".repeat(number.length() - before.length());
    return message.substring(0, line.start()) + place + message.substring(line.end());
  }

  @Override
  public void close() throws SQLException {
    database.close();
  }
}
