package dev.kstrace.analyze;

import dev.kstrace.analyze.TableDef.ColumnDef;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Struct;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDataChunkWriter;
import org.duckdb.DuckDBDriver;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBStruct;
import org.duckdb.DuckDBTableFunction;
import org.duckdb.DuckDBTableFunctionBindInfo;
import org.duckdb.DuckDBTableFunctionBuilder;
import org.duckdb.DuckDBTableFunctionCallInfo;
import org.duckdb.DuckDBTableFunctionInitInfo;
import org.jspecify.annotations.Nullable;

/**
 * Traces as the documented tables of a DuckDB database in memory.
 *
 * <p>The only class that knows how rows reach DuckDB: each table is a view over a table function
 * that reads the facts, or the file, while the query runs; nothing is loaded beforehand. SQL cannot
 * reach files or the network unless the caller says so. Not thread-safe.
 */
public final class TraceDatabase implements AutoCloseable {
  private final Connection connection;
  private final boolean allowIo;
  private final Map<String, Function> functions = new HashMap<>();
  private boolean locked;
  private final Scans scans = new Scans();

  /** The tables that are there for the first trace to be attached. */
  private final Set<String> expected = new HashSet<>();

  /** The tables of which there are copies. */
  private final Set<String> kept = new LinkedHashSet<>();

  private TraceDatabase(Connection connection, boolean allowIo) {
    this.connection = connection;
    this.allowIo = allowIo;
  }

  /**
   * Opens an empty database. Loading the native library is the slow part, so that a caller may want
   * to do this while it reads the trace.
   *
   * @throws SQLException if DuckDB cannot be started
   */
  public static TraceDatabase open() throws SQLException {
    return open(false);
  }

  /**
   * As {@link #open()}.
   *
   * @param allowIo whether SQL may read and write files and change the database's settings
   */
  public static TraceDatabase open(boolean allowIo) throws SQLException {
    return connect(false, allowIo, allowIo);
  }

  private static TraceDatabase connect(boolean streaming, boolean external, boolean allowIo)
      throws SQLException {
    Properties settings = new Properties();
    settings.setProperty(DuckDBDriver.JDBC_STREAM_RESULTS, Boolean.toString(streaming));
    settings.setProperty("enable_external_access", Boolean.toString(external));
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    Connection connection = new DuckDBDriver().connect("jdbc:duckdb:", settings);
    if (connection == null) {
      throw new SQLException("the DuckDB driver refused jdbc:duckdb:");
    }
    return new TraceDatabase(connection, allowIo);
  }

  /**
   * Opens an empty database whose results are handed over row by row while they come about, and
   * attaches traces that are read when a query asks for them.
   *
   * @param traces at least one
   * @param writable a file that SQL can reach in any case; null = none
   * @param allowIo whether it can reach all others too
   */
  static TraceDatabase streaming(List<TraceSource> traces, @Nullable Path writable, boolean allowIo)
      throws SQLException {
    TraceDatabase database = connect(true, allowIo || writable != null, allowIo);
    try {
      if (writable != null && !allowIo) {
        // Only before the access is taken away can an exception be made.
        database.execute("SET allowed_paths = [" + quote(writable.toString()) + "]");
        database.execute("SET enable_external_access = false");
      }
      database.attachSources(traces, Tables.QUERIED);
      return database;
    } catch (SQLException e) {
      database.close();
      throw e;
    }
  }

  /**
   * Makes all tables of one trace, or of several, which then all begin with a column named trace:
   * the file's name.
   *
   * @param traces at least one
   */
  void attach(List<TraceFacts> traces) throws SQLException {
    attach(traces, Tables.ALL);
  }

  /**
   * Makes some tables of a trace that is yet to come, without rows: when it is attached there is
   * less to do.
   */
  void expect(List<TableDef> tables) throws SQLException {
    StringBuilder sql = new StringBuilder(Macros.all());
    for (TableDef table : tables) {
      String function = function(table, 0);
      register(function, table, columns -> RowStream.of(List.of()));
      sql.append(view(table, "SELECT " + shownColumns(table) + " FROM " + function + "()"));
      expected.add(table.name());
    }
    execute(sql.toString());
  }

  private static String function(TableDef table, int trace) {
    return "kstrace_" + table.name() + "_" + trace;
  }

  /** Makes some tables; each costs start-up time. */
  void attach(List<TraceFacts> traces, List<TableDef> tables) throws SQLException {
    attachSources(traces.stream().map(TraceSource::of).toList(), tables);
  }

  /** As {@link #attach(List, List)}, of traces that need not have been read. */
  void attachSources(List<TraceSource> traces, List<TableDef> tables) throws SQLException {
    StringBuilder sql = new StringBuilder(expected.isEmpty() ? Macros.all() : "");
    for (String copy : kept) {
      sql.append("DROP TABLE temp.").append(copy).append(";\n");
    }
    kept.clear();
    for (TableDef table : tables) {
      List<String> selects = new ArrayList<>();
      for (int i = 0; i < traces.size(); i++) {
        String function = function(table, i);
        TraceSource source = traces.get(i);
        register(function, table, columns -> source.scan(table, columns));
        String trace =
            traces.size() == 1 ? "" : quote(traces.get(i).file().toString()) + " AS trace, ";
        selects.add("SELECT " + trace + shownColumns(table) + " FROM " + function + "()");
      }
      if (traces.size() > 1 || !expected.contains(table.name())) {
        sql.append(view(table, String.join(" UNION ALL ", selects)));
      }
    }
    expected.clear(); // they are of this trace now, or will be made anew
    executeAndLock(sql);
  }

  /**
   * Copies attached tables of one trace into the database, for queries that are many and short:
   * each would otherwise come back here for the rows. A copy hides the table it was made from, and
   * goes when other traces are attached.
   */
  void keep(List<TableDef> tables) throws SQLException {
    if (tables.isEmpty()) {
      return;
    }
    StringBuilder sql = new StringBuilder();
    for (TableDef table : tables) {
      sql.append("CREATE OR REPLACE TEMP TABLE ").append(table.name());
      sql.append(" AS SELECT * FROM memory.main.").append(table.name()).append(";\n");
      kept.add(table.name());
    }
    execute(sql.toString());
  }

  /** Makes some tables without rows: enough to see whether a statement fits them. */
  void attachEmpty(List<TableDef> tables) throws SQLException {
    StringBuilder sql = new StringBuilder(Macros.all());
    for (TableDef table : tables) {
      String function = "kstrace_" + table.name() + "_empty";
      register(function, table, columns -> RowStream.of(List.of()));
      sql.append(view(table, "SELECT " + shownColumns(table) + " FROM " + function + "()"));
    }
    executeAndLock(sql);
  }

  private static String view(TableDef table, String select) {
    return "CREATE OR REPLACE VIEW " + table.name() + " AS " + select + ";\n";
  }

  private void executeAndLock(StringBuilder sql) throws SQLException {
    if (!allowIo && !locked) {
      sql.append("SET lock_configuration = true;");
    }
    execute(sql.toString());
    locked = true;
  }

  /**
   * Closes the files of scans that a query did not follow to their end.
   *
   * @return why a trace could not be read any more; null where nothing failed
   */
  @Nullable IOException endScans() {
    for (RowStream rows : scans.open) {
      try {
        rows.close();
      } catch (IOException e) {
        scans.noted(e);
      }
    }
    scans.open.clear();
    return scans.failure.getAndSet(null);
  }

  /** A new statement; after an error it is closed by the driver and another one is needed. */
  Statement statement() throws SQLException {
    return connection.createStatement();
  }

  /** The connection, for what only the driver can do. */
  DuckDBConnection connection() throws SQLException {
    return connection.unwrap(DuckDBConnection.class);
  }

  /** Prepares the last of some statements, and runs those before it. */
  PreparedStatement prepare(String sql) throws SQLException {
    return connection.prepareStatement(sql);
  }

  /** Runs a statement for its effect. */
  void execute(String sql) throws SQLException {
    try (Statement statement = statement()) {
      statement.execute(sql);
    }
  }

  /** A single value as text, for tests; null is NULL. */
  @Nullable String value(String sql) throws SQLException {
    try (Statement statement = statement();
        ResultSet result = statement.executeQuery(sql)) {
      return result.next() ? result.getString(1) : null;
    }
  }

  /** The fields of a struct in a result, by name. */
  public static Map<String, Object> fields(Struct struct) throws SQLException {
    return ((DuckDBStruct) struct).getMap();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }

  static String quote(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private static String shownColumns(TableDef table) {
    List<String> shown = new ArrayList<>();
    for (ColumnDef column : table.columns()) {
      boolean plain = Labels.of(column.type()).isEmpty();
      shown.add(plain ? column.name() : labels(column) + " AS " + column.name());
    }
    return String.join(", ", shown);
  }

  /** An expression that turns a code into its label. */
  private static String labels(ColumnDef column) {
    StringBuilder sql = new StringBuilder("CASE ").append(column.name());
    Labels.of(column.type())
        .forEach((code, label) -> sql.append(" WHEN " + code + " THEN " + quote(label)));
    String unlabelled = Labels.unlabelled(column.type());
    if (unlabelled != null) {
      sql.append(" ELSE ").append(quote(unlabelled));
      sql.append(" || ").append(column.name());
    }
    return sql.append(" END").toString();
  }

  /** Makes a function; a second one of a name takes the place of the first. */
  private void register(String name, TableDef table, Scanner scanner) throws SQLException {
    Function known = functions.get(name);
    if (known != null) {
      known.scanner = scanner; // the driver would keep the first one as well
      return;
    }
    Function function = new Function(table, scanner, scans);
    functions.put(name, function);
    try (DuckDBTableFunctionBuilder builder = DuckDBFunctions.tableFunction()) {
      builder.withName(name).withProjectionPushdown().withFunction(function).register(connection);
    }
  }

  /** Begins a scan that will be asked for some columns, by index. */
  private interface Scanner {
    RowStream scan(Set<Integer> columns) throws IOException, SQLException;
  }

  /** The scans in progress, and why one of them failed. */
  private static final class Scans {
    final Set<RowStream> open = ConcurrentHashMap.newKeySet();
    final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();

    IOException noted(IOException e) {
      failure.compareAndSet(null, e);
      return e;
    }
  }

  /** One scan in progress. */
  private static final class Scan {
    final RowStream rows;
    final int[] columns;

    Scan(RowStream rows, int[] columns) {
      this.rows = rows;
      this.columns = columns;
    }
  }

  /** A table as DuckDB calls it. */
  private static final class Function implements DuckDBTableFunction<Object, Scan, Object> {
    private final TableDef table;
    private Scanner scanner;
    private final Scans scans;

    Function(TableDef table, Scanner scanner, Scans scans) {
      this.table = table;
      this.scanner = scanner;
      this.scans = scans;
    }

    @Override
    public Object bind(DuckDBTableFunctionBindInfo info) {
      for (ColumnDef column : table.columns()) {
        info.addResultColumn(column.name(), column.type().stored);
      }
      return table;
    }

    @Override
    public Scan init(DuckDBTableFunctionInitInfo info) throws IOException, SQLException {
      info.setMaxThreads(1);
      int[] columns = new int[(int) info.getColumnCount()];
      Set<Integer> wanted = new HashSet<>();
      for (int i = 0; i < columns.length; i++) {
        columns[i] = (int) info.getColumnIndex(i);
        if (columns[i] >= 0 && columns[i] < table.columns().size()) {
          wanted.add(columns[i]);
        }
      }
      try {
        RowStream rows = scanner.scan(wanted);
        scans.open.add(rows);
        return new Scan(rows, columns);
      } catch (IOException e) {
        throw scans.noted(e);
      }
    }

    @Override
    public long apply(DuckDBTableFunctionCallInfo call, DuckDBDataChunkWriter chunk)
        throws IOException {
      Scan scan = call.getInitData();
      int rows;
      try {
        rows = scan.rows.next((int) chunk.capacity());
      } catch (IOException e) {
        throw scans.noted(e);
      }
      if (rows == 0) {
        scans.open.remove(scan.rows);
        scan.rows.close();
        return 0;
      }
      for (int i = 0; i < scan.columns.length; i++) {
        int column = scan.columns[i];
        if (column >= 0 && column < table.columns().size()) {
          scan.rows.write(column, new VectorSink(chunk.vector(i), rows), rows);
        }
      }
      return rows;
    }
  }
}
