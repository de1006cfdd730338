package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The formats of {@code kstrace query}, and the files it writes. */
final class QueryOutputTest {
  /** What a trace of a stranger may hold. */
  private static final String HOSTILE =
      """
      SELECT * FROM (VALUES
        (1, '=1+1'), (2, '+1'), (3, '-1'), (4, '@SUM(1)'), (5, e'\\t=1'), (6, e'\\r=1'),
        (7, ' =1'), (8, chr(27) || '[31m"red"'), (9, e'two\\nlines'), (10, 'a|b `c` <img>'),
        (11, chr(8238) || 'rtl'), (12, 'C:\\x, y'), (13, chr(65309) || '1'), (14, ''), (15, NULL)
      ) AS t (n, text) ORDER BY n""";

  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() throws IOException {
    cli = new Cli(folder);
    Samples.write(cli.file("t.arrow"), Samples.DOUBLE_FREE);
  }

  private String format(String format, String sql) {
    Cli.Result result = cli.run("query", "@t.arrow", sql, "--format", format);
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    return result.out();
  }

  @Test
  void makesNoFormulaAndNoControlCharacterOfCsv() {
    assertThat(format("csv", HOSTILE))
        .isEqualTo(
            """
            "n","text"
            1,"'=1+1"
            2,"'+1"
            3,"'-1"
            4,"'@SUM(1)"
            5,"'\\u0009=1"
            6,"'\\u000d=1"
            7,"' =1"
            8,"\\u001b[31m""red""\"
            9,"two\\u000alines"
            10,"a|b `c` <img>"
            11,"\\u202ertl"
            12,"C:\\x, y"
            13,"'\uff1d1"
            14,""
            15,
            """
                .replace("\n", "\r\n"));
  }

  @Test
  void leavesNumbersOfCsvAlone() {
    assertThat(format("csv", "SELECT -1 AS a, -0.5::DOUBLE AS b, -1.50::DECIMAL(5,2) AS c"))
        .isEqualTo("\"a\",\"b\",\"c\"\r\n-1,-0.5,-1.50\r\n");
  }

  /** DuckDB's reader of CSV as the judge. */
  @Test
  void writesCsvThatAnotherReaderUnderstands() throws SQLException {
    cli.run("query", "@t.arrow", "FROM calls", "-o", "@calls.csv");
    cli.run("query", "@t.arrow", "FROM calls", "-o", "@calls.parquet");
    try (Connection stock = DriverManager.getConnection("jdbc:duckdb:")) {
      String csv = "read_csv('" + cli.file("calls.csv") + "', strict_mode = true)";
      String parquet = "'" + cli.file("calls.parquet") + "'";
      String columns = "seq, op, layer, thread, alloc_id, frame_state, live_after, doubt";
      String both = "SELECT " + columns + " FROM %s EXCEPT ALL SELECT " + columns + " FROM %s";

      assertThat(rows(stock, "SELECT count(*) FROM " + csv)).containsExactly("5");
      assertThat(rows(stock, both.formatted(csv, parquet))).isEmpty();
      assertThat(rows(stock, both.formatted(parquet, csv))).isEmpty();
    }
  }

  @Test
  void shutsTextsOfMarkdownIntoCode() {
    assertThat(format("markdown", HOSTILE.replace("AS t (n, text)", "AS t (n, \"a|b\")")))
        .isEqualTo(
            """
            | n | `a\\|b` |
            | ---: | --- |
            | 1 | `=1+1` |
            | 2 | `+1` |
            | 3 | `-1` |
            | 4 | `@SUM(1)` |
            | 5 | `\\u0009=1` |
            | 6 | `\\u000d=1` |
            | 7 | `\\u0020=1` |
            | 8 | `\\u001b[31m"red"` |
            | 9 | `two\\nlines` |
            | 10 | ``a\\|b `c` <img>`` |
            | 11 | `\\u202ertl` |
            | 12 | `C:\\\\x, y` |
            | 13 | `\uff1d1` |
            | 14 |  |
            | 15 |  |
            """);
  }

  @ParameterizedTest
  @ValueSource(strings = {"table", "csv", "json", "ndjson", "markdown"})
  void letsNothingReachTheTerminal(String format) {
    assertThat(format(format, HOSTILE)).doesNotContain("\u001b", "\u202e", "\t");
  }

  @Test
  void writesOneObjectALine() {
    assertThat(
            format(
                "ndjson",
                "SELECT 1 AS a, 2 AS a, {'x': [1, NULL], 'y': NULL} AS s, MAP {'k': 1::BIGINT} AS m,"
                    + " 'nan'::DOUBLE AS d, e'a\\n' || chr(233) AS t FROM range(2)"))
        .isEqualTo(
            """
            {"a":1,"a_1":2,"s":{"x":[1,null],"y":null},"m":{"k":"1"},"d":"NaN","t":"a\\n\\u00E9"}
            """
                .repeat(2));
  }

  @Test
  void keepsEveryTypeInParquet() throws SQLException {
    String sql =
        """
        SELECT seq, op, frame, $min AS least, [1, NULL]::INT[] AS list, {'a': 1.50::DECIMAL(9,2)}
          AS struct, NULL::VARCHAR AS nothing, 1::HUGEINT AS huge, chr(27) AS control
        FROM calls WHERE seq > $min ORDER BY seq
        -- a comment at the end""";
    Cli.Result result =
        cli.run("query", "@t.arrow", sql, "-o", "@it's.parquet", "--param", "min=3");
    assertThat(result.all()).isEqualTo("exit 0\n");

    try (Connection stock = DriverManager.getConnection("jdbc:duckdb:")) {
      String file = "'" + cli.file("it's.parquet").toString().replace("'", "''") + "'";
      assertThat(rows(stock, "FROM " + file))
          .containsExactly(
              "4|free|65536|3|[1, null]|{a=1.50}|null|1.0|\u001b",
              "5|free|65536|3|[1, null]|{a=1.50}|null|1.0|\u001b",
              "6|delete|null|3|[1, null]|{a=1.50}|null|1.0|\u001b");
      assertThat(rows(stock, "SELECT column_type FROM (DESCRIBE FROM " + file + ") LIMIT 6"))
          .containsExactly(
              "UBIGINT", "VARCHAR", "UBIGINT", "BIGINT", "INTEGER[]", "STRUCT(a DECIMAL(9,2))");
    }
  }

  private static List<String> rows(Connection connection, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      ResultSetMetaData columns = result.getMetaData();
      while (result.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
          row.add(String.valueOf(result.getObject(i)));
        }
        rows.add(String.join("|", row));
      }
    }
    return rows;
  }

  @ParameterizedTest
  @CsvSource({
    "SELECT 1) TO 'FOLDER/evil.csv' (FORMAT csv); SELECT (2",
    "'SELECT 1) TO ''FOLDER/evil.csv'' (FORMAT csv) --'",
    "COPY (SELECT 1) TO 'FOLDER/evil.csv'",
    "FROM read_text('FOLDER/secret.txt')",
    "SELECT sequ FROM events",
  })
  void letsParquetWriteNothingElse(String sql) throws IOException {
    Files.writeString(cli.file("secret.txt"), "secret");

    Cli.Result result =
        cli.run("query", "@t.arrow", sql.replace("FOLDER", folder.toString()), "-o", "@x.parquet");

    assertThat(result.code()).as(result.all()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).startsWith("kstrace: the SQL failed: ").doesNotContain("COPY (\n");
    assertThat(files()).containsExactly("secret.txt", "t.arrow");
  }

  private List<String> files() throws IOException {
    try (var list = Files.list(folder)) {
      return list.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "x.csv, '\"a\"\r\n1\r\n'",
    "x.json, '[\n  {\n    \"a\": 1\n  }\n]\n'",
    "x.ndjson, '{\"a\":1}\n'",
    "x.md, '| a |\n| ---: |\n| 1 |\n'",
    "x.out, 'a\n-\n1\n'",
  })
  void takesTheFormatFromTheName(String name, String content) throws IOException {
    assertThat(cli.run("query", "@t.arrow", "SELECT 1 AS a", "-o", "@" + name).all())
        .isEqualTo("exit 0\n");

    assertThat(Files.readString(cli.file(name)).replace(System.lineSeparator(), "\n"))
        .isEqualTo(content.replace("\r\n", System.lineSeparator().equals("\n") ? "\r\n" : "\n"));
  }

  @Test
  void letsTheOptionOverruleTheName() throws IOException {
    cli.run("query", "@t.arrow", "SELECT 1 AS a", "-o", "@x.csv", "--format", "ndjson");

    assertThat(cli.file("x.csv")).hasContent("{\"a\":1}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x.csv", "x.parquet"})
  void replacesAFileOnlyWhenTold(String name) throws IOException {
    Files.writeString(cli.file(name), "mine");

    assertThat(cli.run("query", "@t.arrow", "SELECT 1", "-o", "@" + name).all())
        .isEqualTo(
            "exit 2\nkstrace: cannot write "
                + name
                + ": it exists already; choose another name, or -f to replace it\n");
    assertThat(cli.file(name)).hasContent("mine");
    assertThat(cli.run("query", "@t.arrow", "SELECT x", "-f", "-o", "@" + name).code())
        .isEqualTo(2);
    assertThat(cli.file(name)).hasContent("mine");
    assertThat(cli.run("query", "@t.arrow", "SELECT 1", "-f", "-o", "@" + name).all())
        .isEqualTo("exit 0\n");
    assertThat(Files.readAllBytes(cli.file(name)))
        .isNotEqualTo("mine".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThat(files()).containsExactly("t.arrow", name);
  }

  @Test
  void neverWritesOverATrace() throws IOException {
    byte[] before = Files.readAllBytes(cli.file("t.arrow"));

    assertThat(cli.run("query", "@t.arrow", "SELECT 1", "-f", "-o", "@t.arrow").err())
        .isEqualTo("kstrace: cannot write t.arrow: it is the input itself; choose another name\n");
    assertThat(cli.file("t.arrow")).hasBinaryContent(before);
  }

  @Test
  void refusesWhatIsNoFile() throws IOException {
    Files.createDirectory(cli.file("dir"));

    assertThat(cli.run("query", "@t.arrow", "SELECT 1", "-f", "-o", "@dir").err())
        .isEqualTo("kstrace: cannot write dir: it is no regular file\n");
    assertThat(cli.run("query", "@t.arrow", "SELECT 1", "-o", "@no/x.csv").err())
        .isEqualTo("kstrace: cannot write no/x.csv: its folder does not exist\n");
    assertThat(cli.run("query", "@t.arrow", "SELECT 1", "--format", "parquet").err())
        .isEqualTo("kstrace: Parquet is no text; name a file: -o FILE.parquet\n");
  }
}
