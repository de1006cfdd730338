package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kstrace.analyze.Query;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables as {@code kstrace export} writes them. */
final class ExportTablesTest {
  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeTrace() throws IOException {
    cli = new Cli(folder);
    Samples.write(cli.file("t.arrow"), Samples.DOUBLE_FREE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "ndjson", "parquet"})
  void writesAFileForEachTable(String format) throws IOException {
    assertThat(cli.run("export", "@t.arrow", "--format", format, "-o", "@out").all())
        .isEqualTo("exit 0\n");

    List<String> expected =
        Query.tableNames().stream().map(name -> name + "." + format).sorted().toList();
    assertThat(names(cli.file("out"))).isEqualTo(expected);
    assertThat(names(folder)).containsExactly("out", "t.arrow");
  }

  static List<String> names(Path folder) throws IOException {
    try (var list = Files.list(folder)) {
      return list.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "ndjson"})
  void writesWhatQueryWrites(String format) throws IOException {
    cli.run("export", "@t.arrow", "--format", format, "--table", "calls", "-o", "@calls");

    String queried = cli.run("query", "@t.arrow", "FROM calls", "--format", format).out();
    assertThat(Files.readString(cli.file("calls"))).isEqualTo(queried);
  }

  @Test
  void replacesOnlyWhenToldAndOnlyItsOwnFiles() throws IOException {
    Files.createDirectory(cli.file("out"));
    Files.writeString(cli.file("out/mine.txt"), "mine");
    Files.writeString(cli.file("out/calls.csv"), "old");
    String[] line = {"export", "@t.arrow", "--format", "csv", "-o", "@out", "-q"};

    assertThat(cli.run(line).all())
        .isEqualTo(
            "exit 2\nkstrace: cannot write out: it exists already; choose another name, or -f to"
                + " replace it\n");
    assertThat(cli.file("out/calls.csv")).hasContent("old");
    line[6] = "-f";
    assertThat(cli.run(line).all()).isEqualTo("exit 0\n");
    assertThat(cli.file("out/mine.txt")).hasContent("mine");
    assertThat(Files.readString(cli.file("out/calls.csv"))).startsWith("\"seq\",");
    assertThat(names(folder)).containsExactly("out", "t.arrow");
  }

  /**
   * Events as the trace has them, read without any database, beside the rows of the Parquet file.
   */
  @Test
  void keepsEveryValueInParquet() throws IOException, SQLException {
    Path trace = cli.file("sim.arrow");
    cli.run(
        "capture",
        "sim",
        "--profile",
        "tvcap-uyvy-ntsc",
        "--fault",
        "skip-free",
        "-o",
        "@sim.arrow");
    cli.run("export", "@sim.arrow", "--format", "parquet", "--table", "events", "-o", "@e.parquet");
    List<String> recorded = new ArrayList<>();
    try (TraceReader reader = TraceReader.open(trace)) {
      EventBatch batch = new EventBatch(1000);
      while (reader.read(batch)) {
        for (int row = 0; row < batch.rows(); row++) {
          recorded.add(text(batch, row));
        }
      }
    }

    assertThat(recorded).hasSizeGreaterThan(100);
    assertThat(stock("FROM '" + cli.file("e.parquet") + "'")).isEqualTo(recorded);
  }

  private static String text(EventBatch batch, int row) {
    Framing framing = batch.framing(row);
    List<Object> values = new ArrayList<>();
    values.add(Long.toUnsignedString(batch.seq(row)));
    values.add(Op.of(batch.op(row)).label());
    values.add(Layer.of(batch.layer(row)).label());
    values.add(batch.tEntry(row));
    values.add(batch.has(row, EventBatch.T_EXIT) ? batch.tExit(row) : null);
    values.add(batch.has(row, EventBatch.THREAD) ? batch.thread(row) : null);
    values.add(batch.has(row, EventBatch.IRQL_ENTRY) ? batch.irqlEntry(row) : null);
    values.add(batch.has(row, EventBatch.IRQL_EXIT) ? batch.irqlExit(row) : null);
    values.add(unsigned(batch, row, EventBatch.PIN, batch.pin(row)));
    values.add(unsigned(batch, row, EventBatch.CONTEXT, batch.context(row)));
    values.add(unsigned(batch, row, EventBatch.FRAME, batch.frame(row)));
    values.add(unsigned(batch, row, EventBatch.SIZE, batch.size(row)));
    values.add(batch.has(row, EventBatch.STATUS) ? batch.status(row) : null);
    values.add(framing == null ? null : framing.optionsFlags());
    values.add(framing == null ? null : framing.poolType());
    values.add(framing == null ? null : framing.frames());
    values.add(framing == null ? null : framing.frameSize());
    values.add(framing == null ? null : framing.fileAlignment());
    values.add(framing == null ? null : framing.reserved());
    values.add(batch.detail(row));
    return values.stream().map(String::valueOf).collect(Collectors.joining("|"));
  }

  private static String unsigned(EventBatch batch, int row, int bit, long value) {
    return batch.has(row, bit) ? Long.toUnsignedString(value) : null;
  }

  /** Rows as DuckDB gives them that knows nothing of us. */
  static List<String> stock(String sql) throws SQLException {
    return stock("", sql);
  }

  /** As {@link #stock(String)}, of a database file. */
  static List<String> stock(String file, String sql) throws SQLException {
    Properties settings = new Properties();
    if (!file.isEmpty()) {
      settings.setProperty("duckdb.read_only", "true");
    }
    try (Connection stock = DriverManager.getConnection("jdbc:duckdb:" + file, settings);
        Statement statement = stock.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (result.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          row.add(String.valueOf(result.getObject(i)));
        }
        rows.add(String.join("|", row));
      }
      return rows;
    }
  }

  @Test
  void keepsTypesAndMetadataInParquet() throws SQLException {
    cli.run("export", "@t.arrow", "--format", "parquet", "-o", "@out");
    for (String table : Query.tableNames()) {
      String file = "'" + cli.file("out/" + table + ".parquet") + "'";
      List<String> expected =
          Query.columns(table).stream().map(column -> column.name() + "|" + column.type()).toList();

      assertThat(stock("SELECT column_name, column_type FROM (DESCRIBE FROM " + file + ")"))
          .as(table)
          .isEqualTo(expected);
      assertThat(
              stock(
                  "SELECT decode(key), decode(value) FROM parquet_kv_metadata("
                      + file
                      + ") ORDER BY 1"))
          .as(table)
          .contains("kstrace.origin|recorded", "kstrace.producer|hand", "kstrace.table|" + table);
    }
  }

  @Test
  void writesADatabaseThatNeedsNothingOfUs() throws SQLException {
    assertThat(cli.run("export", "@t.arrow", "--format", "duckdb", "-o", "@t.duckdb").all())
        .isEqualTo("exit 0\n");

    String file = cli.file("t.duckdb").toString();
    assertThat(stock(file, "SELECT table_name FROM duckdb_tables()"))
        .containsExactlyInAnyOrderElementsOf(Query.tableNames());
    for (String table : Query.tableNames()) {
      List<String> expected =
          Query.columns(table).stream()
              .map(column -> column.name() + "|" + column.type() + "|" + column.doc())
              .toList();
      assertThat(
              stock(
                  file,
                  "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = '"
                      + table
                      + "' ORDER BY column_index"))
          .as(table)
          .isEqualTo(expected);
      String queried = cli.run("query", "@t.arrow", "FROM " + table, "--format", "csv").out();
      assertThat(stock(file, "FROM " + table)).hasSize((int) queried.lines().count() - 1);
    }
    assertThat(
            stock(
                file,
                "SELECT op, hex(frame), ntstatus(-1073741670), irql(irql_entry) FROM calls"
                    + " WHERE frame IS NOT NULL ORDER BY seq LIMIT 2"))
        .containsExactly(
            "allocate|0x10000|STATUS_INSUFFICIENT_RESOURCES|PASSIVE_LEVEL",
            "free|0x10000|STATUS_INSUFFICIENT_RESOURCES|DISPATCH_LEVEL");
    assertThat(stock(file, "SELECT rule, seq FROM findings WHERE severity = 'error'"))
        .containsExactly("double-free|5");
  }

  /** Every table by its rows, every function by what it makes of a number. */
  private static String everything() {
    List<String> columns = new ArrayList<>();
    for (String table : Query.tableNames()) {
      columns.add("(SELECT count(*) || ' ' || max(t::VARCHAR) FROM " + table + " t)");
    }
    Query.macroNames().forEach(function -> columns.add(function + "(2)::VARCHAR"));
    return "SELECT unnest([" + String.join(", ", columns) + "])";
  }

  private String exported() {
    cli.run("export", "@t.arrow", "--format", "duckdb", "-o", "@t.duckdb");
    return cli.file("t.duckdb").toString();
  }

  private List<String> queried() {
    String out = cli.run("query", "@t.arrow", "--format", "json", everything()).out();
    List<String> texts = new ArrayList<>();
    try {
      new ObjectMapper()
          .readTree(out)
          .forEach(row -> texts.add(row.elements().next().asText("null")));
    } catch (IOException e) {
      throw new AssertionError(out, e);
    }
    assertThat(texts).hasSize(Query.tableNames().size() + Query.macroNames().size());
    return texts;
  }

  /** The client of another version, such as users have. */
  @Test
  void anotherVersionReadsEveryTableAndFunction() throws Exception {
    TestReaders.modules();
    String file = exported();

    assertThat(TestReaders.node("duckdb.mjs", List.of(file, "SELECT version()")))
        .startsWith("[[\"v1.")
        .doesNotContain(stock("SELECT version()").get(0));
    String rows = TestReaders.node("duckdb.mjs", List.of(file, everything()));
    List<String> texts = new ArrayList<>();
    new ObjectMapper().readTree(rows).forEach(row -> texts.add(row.get(0).asText()));
    texts.replaceAll(this::withoutFolder);
    assertThat(texts).isEqualTo(queried());
  }

  private String withoutFolder(String text) {
    return text.replace(folder + java.io.File.separator, "");
  }

  /** The shell, where there is one; no registry of packages that the build asks has it. */
  @Test
  void theShellReadsEveryTableAndFunction() throws Exception {
    String file = exported();
    Path answer = cli.file("answer");
    Process shell;
    try {
      shell =
          new ProcessBuilder("duckdb", "-readonly", "-json", file, everything())
              .redirectOutput(answer.toFile())
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      assumeThat(e).as("skipped: no duckdb on the path").isNull();
      return;
    }
    assertThat(shell.waitFor()).isZero();
    List<String> texts = new ArrayList<>();
    new ObjectMapper()
        .readTree(answer.toFile())
        .forEach(row -> texts.add(row.elements().next().asText("null")));
    texts.replaceAll(this::withoutFolder);
    assertThat(texts).isEqualTo(queried());
  }
}
