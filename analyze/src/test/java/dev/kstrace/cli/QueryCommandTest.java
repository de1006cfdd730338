package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kstrace query}. */
final class QueryCommandTest {
  private static final String ODD =
      """
      SELECT 'a"b, c' AS quoted, NULL AS nothing, 18446744073709551615::UBIGINT AS large,
        7::BIGINT AS big, 7 AS small, 1.50::DECIMAL(5,2) AS exact, 0.5::DOUBLE AS rough,
        true AS flag, [1::BIGINT, NULL] AS list, [['x'], []] AS nested, '\\x01\\xFF'::BLOB AS bytes,
        pin, frame
      FROM events WHERE op = 'allocate' OR op = 'pin_create' ORDER BY seq
      """;

  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() throws IOException {
    cli = new Cli(folder);
    Samples.write(cli.file("t.arrow"), Samples.DOUBLE_FREE);
  }

  @Test
  void takesTheSqlFromTheArgumentAFileOrTheInput() throws IOException {
    String sql = "SELECT op, count(*) AS n FROM events GROUP BY op ORDER BY n DESC, op";
    Files.writeString(cli.file("q.sql"), sql);
    String expected =
        """
        exit 0
        op          n
        ----------  -
        free        2
        allocate    1
        delete      1
        initialize  1
        pin_close   1
        pin_create  1
        trace_end   1
        """;

    assertThat(cli.run("query", "@t.arrow", sql).all()).isEqualTo(expected);
    assertThat(cli.run("query", "@t.arrow", "--file", "@q.sql").all()).isEqualTo(expected);
    assertThat(cli.withInput(sql).run("query", "@t.arrow").all()).isEqualTo(expected);
  }

  @Test
  void alignsATable() {
    assertThat(cli.run("query", "@t.arrow", ODD).out())
        .isEqualTo(
            """
            quoted   nothing                 large  big  small  exact  rough  flag  list       \
            nested     bytes   pin    frame
            -------  -------  --------------------  ---  -----  -----  -----  ----  ---------  \
            ---------  -----  ----  -------
            a"b, c            18446744073709551615    7      7   1.50    0.5  true  [1, null]  \
            [[x], []]  01ff   0x10
            a"b, c            18446744073709551615    7      7   1.50    0.5  true  [1, null]  \
            [[x], []]  01ff         0x10000
            """
                .replace("quoted   nothing", "quoted  nothing")
                .replace("-------  -------  ----", "------  -------  ----")
                .replace("a\"b, c            1844", "a\"b, c           1844"));
  }

  @Test
  void quotesCsv() {
    assertThat(cli.run("query", "--format", "csv", "@t.arrow", ODD).out().replace("\r\n", "|\n"))
        .isEqualTo(
            """
            "quoted","nothing","large","big","small","exact","rough","flag","list","nested",\
            "bytes","pin","frame"|
            "a""b, c",,18446744073709551615,7,7,1.50,0.5,true,"[1, null]","[[x], []]",\
            "01ff","0x10",|
            "a""b, c",,18446744073709551615,7,7,1.50,0.5,true,"[1, null]","[[x], []]",\
            "01ff",,"0x10000"|
            """);
  }

  @Test
  void writesJsonWithLargeNumbersAsStrings() {
    assertThat(cli.run("query", "--format", "json", "@t.arrow", ODD + "LIMIT 1").out())
        .isEqualTo(
            """
            [
              {
                "quoted": "a\\"b, c",
                "nothing": null,
                "large": "18446744073709551615",
                "big": "7",
                "small": 7,
                "exact": 1.50,
                "rough": 0.5,
                "flag": true,
                "list": [
                  "1",
                  null
                ],
                "nested": [
                  [
                    "x"
                  ],
                  [ ]
                ],
                "bytes": "01ff",
                "pin": "0x10",
                "frame": null
              }
            ]
            """);
  }

  @ParameterizedTest
  @CsvSource({"table,'x\n-\n'", "csv,'\"x\"\r\n'", "json,'[ ]\n'"})
  void printsAnEmptyResult(String format, String expected) {
    Cli.Result result =
        cli.run("query", "--format", format, "@t.arrow", "SELECT 1 AS x WHERE false");

    assertThat(result.out()).isEqualTo(expected);
    assertThat(result.code()).isZero();
  }

  @Test
  void printsEveryRowOfALongTable() {
    String[] lines =
        cli.run("query", "@t.arrow", "SELECT range AS n FROM range(2500)").out().split("\n", -1);

    assertThat(lines).hasSize(2 + 2500 + 1);
    assertThat(lines[0]).isEqualTo("  n");
    assertThat(lines[2]).isEqualTo("  0");
    assertThat(lines[1001]).isEqualTo("999");
    assertThat(lines[2501]).isEqualTo("2499");
  }

  @Test
  void tellsSeveralTracesApart() throws IOException {
    Samples.write(cli.file("u.arrow"), Samples.CLEAN);

    assertThat(
            cli.run(
                    "query",
                    "--format",
                    "csv",
                    "@t.arrow",
                    "@u.arrow",
                    "SELECT * FROM marks UNION ALL SELECT trace, seq, NULL, NULL, rule, NULL FROM"
                        + " findings ORDER BY trace")
                .out())
        .isEqualTo(
            """
            "trace","seq","t_entry","thread","text","detail"\r
            "t.arrow",5,,,"double-free",\r
            "u.arrow",5,5000,,,\r
            """);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "events", "calls", "suspects", "allocators", "frames", "unfreed_frames", "pins",
        "pin_states", "marks", "losses", "disorder", "findings", "trace_info", "metadata"
      })
  void answersFromEveryDocumentedTable(String table) throws IOException {
    Samples.write(cli.file("u.arrow"), Samples.CLEAN);

    Cli.Result one = cli.run("query", "@t.arrow", "SELECT * FROM " + table);
    Cli.Result two = cli.run("query", "@t.arrow", "@u.arrow", "SELECT * FROM " + table);

    assertThat(one.code()).as(one.err()).isZero();
    assertThat(two.out()).startsWith("trace");
    assertThat(cli.run("query", "--help").out()).containsPattern("\\b" + table + "\\b");
  }

  @Test
  void showsTheFindings() {
    assertThat(
            cli.run(
                    "query",
                    "@t.arrow",
                    "SELECT rule, severity, certainty, seq, pin, context, frame, alloc_id, message"
                        + " FROM findings")
                .out())
        .isEqualTo(
            """
            rule         severity  certainty  seq   pin  context    frame  alloc_id  message
            -----------  --------  ---------  ---  ----  -------  -------  --------  \
            ---------------------------------------------------
            double-free  error     certain      5  0x10     0x20  0x10000         1  \
            frame 0x10000 is freed again; it was freed at seq 4
            """);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   ", "\n"})
  void refusesEmptySql(String sql) {
    assertThat(cli.withInput(sql).run("query", "@t.arrow").all())
        .isEqualTo("exit 2\nkstrace: the SQL is empty\n");
  }

  @Test
  void wantsATrace() {
    assertThat(cli.run("query", "SELECT * FROM events").all())
        .isEqualTo("exit 2\nkstrace: no trace given: kstrace query FILE... SQL\n");
    assertThat(cli.run("query").err())
        .startsWith("kstrace: missing required parameter: 'FILE|SQL'");
  }

  @Test
  void namesAFileOfSqlThatIsMissing() {
    assertThat(cli.run("query", "@t.arrow", "--file", "@none.sql").all())
        .isEqualTo("exit 3\nkstrace: cannot read none.sql: there is no such file\n");
  }

  private void fails(String sql, String message) {
    assertThat(cli.run("query", "@t.arrow", sql).all()).isEqualTo("exit 2\nkstrace: " + message);
  }

  @Test
  void showsTheLineAndThePlaceOfASyntaxError() {
    fails(
        "SELECT 1\nFROMM x",
        """
        the SQL failed: Parser Error: syntax error at or near "x"
        LINE 2: FROMM x
                      ^
        """);
  }

  @Test
  void suggestsColumns() {
    fails(
        "SELECT sequ FROM events",
        """
        the SQL failed: Binder Error: Referenced column "sequ" not found in FROM clause! Candidate \
        bindings: "seq", "status", "size"
        LINE 1: SELECT sequ FROM events
                       ^^^^
        """);
  }

  @Test
  void suggestsTables() {
    fails(
        "SELECT * FROM event",
        """
        the SQL failed: Catalog Error: Table with name event does not exist! Did you mean "events"?
        LINE 1: SELECT * FROM event
                              ^^^^^
        """);
  }

  @Test
  void reportsErrorsWhileRowsAreRead() {
    Cli.Result result = cli.run("query", "@t.arrow", "SELECT CAST(op AS INTEGER) FROM events");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err())
        .startsWith(
            "kstrace: the SQL failed: Conversion Error: Could not convert string 'pin_create' to"
                + " INT32 when casting from source column op\n"
                + "LINE 1: SELECT CAST(op AS INTEGER) FROM events\n")
        .doesNotContain("\tat ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "COPY events TO 'FOLDER/out.csv'",
        "COPY (SELECT 1) TO 'FOLDER/out.parquet' (FORMAT parquet)",
        "ATTACH 'FOLDER/x.db'",
        "EXPORT DATABASE 'FOLDER/export'",
        "SELECT * FROM read_csv('FOLDER/secret.txt')",
        "SELECT * FROM read_text('FOLDER/secret.txt')",
        "SELECT * FROM glob('FOLDER/*')",
        "SELECT * FROM 'FOLDER/secret.txt'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM read_csv('https://localhost:1/x.csv')",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "RESET enable_external_access",
        "PRAGMA enable_external_access=true",
        "SET temp_directory = 'FOLDER'",
        "PRAGMA enable_profiling='json'; PRAGMA profiling_output='FOLDER/out.json'"
      })
  void keepsSqlAwayFromFilesAndTheNetwork(String sql) throws IOException {
    Files.writeString(cli.file("secret.txt"), "secret");
    String before = files();

    Cli.Result result = cli.run("query", "@t.arrow", sql.replace("FOLDER", folder.toString()));

    assertThat(result.code()).as(result.all()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).startsWith("kstrace: the SQL failed: ").doesNotContain("\tat ");
    assertThat(result.out()).isEmpty();
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void fillsInParameters() {
    String sql =
        "SELECT seq, $b AS b, $d AS d, $x AS x, $t AS t, $q AS q FROM events"
            + " WHERE op = $op AND frame = $frame AND seq > $min ORDER BY seq LIMIT 1";
    String[] options = {
      "op=free", "frame=0x10000", "min=3", "b=true", "d=1.50", "x=1e3", "t=a=b", "q='7'"
    };
    List<String> args = new ArrayList<>(List.of("query", "@t.arrow", sql, "--format", "csv"));
    for (String option : options) {
      args.add("--param");
      args.add(option);
    }

    assertThat(cli.run(args.toArray(String[]::new)).all())
        .isEqualTo(
            """
            exit 0
            "seq","b","d","x","t","q"\r
            4,true,1.50,1000.0,"a=b","7"\r
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT $a + $b | a=1 | the SQL asks for $b, which has no value (--param NAME=VALUE)",
        "SELECT $a | a=1 --param c=2 --param d=3 | the SQL has no $c, $d, for which there is a"
            + " value (--param NAME=VALUE)",
        "SELECT ? + 1 | a=1 | the SQL has a parameter without a name (? or $1); write $name"
            + " (--param NAME=VALUE)",
        "SELECT $a | a | --param a is not name=value; expected a name of letters, digits and _,"
            + " such as seq=57",
        "SELECT $a | 1=2 | --param 1=2 is not name=value; expected a name of letters, digits and"
            + " _, such as seq=57",
        "SELECT $a | a=1 --param a=2 | --param a is given twice",
      })
  void saysWhatIsWrongWithParameters(String sql, String options, String message) {
    List<String> args = new ArrayList<>(List.of("query", "@t.arrow", sql, "--param"));
    args.addAll(List.of(options.split(" ", -1)));

    assertThat(cli.run(args.toArray(String[]::new)).all())
        .isEqualTo("exit 2\nkstrace: " + message + "\n");
  }

  @Test
  void showsParametersByNameInErrors() {
    assertThat(
            cli.run("query", "@t.arrow", "SELECT $first, sequ FROM events", "--param", "first=1")
                .err())
        .endsWith(
            """
            LINE 1: SELECT $first, sequ FROM events
                                   ^^^^
            """);
  }

  @Test
  void suggestsColumnsOfANamedTable() {
    fails(
        "SELECT e.sequ FROM events e",
        """
        the SQL failed: Binder Error: Values list "e" does not have a column named "sequ"; did you \
        mean "seq"?
        LINE 1: SELECT e.sequ FROM events e
                       ^^^^^^
        """);
  }

  @Test
  void suggestsFunctions() {
    fails(
        "SELECT pool_typ(0)",
        """
        the SQL failed: Catalog Error: Scalar Function with name pool_typ does not exist! Did you \
        mean "pool_type"?
        LINE 1: SELECT pool_typ(0)
                       ^^^^^^^^^^^
        """);
  }

  @Test
  void letsSqlReachFilesWhereToldTo() throws IOException {
    String sql = "COPY (SELECT 7 AS n) TO '" + cli.file("out.csv") + "'";

    assertThat(cli.run("query", "@t.arrow", "--allow-io", sql).all()).isEqualTo("exit 0\n");
    assertThat(Files.readString(cli.file("out.csv"))).isEqualTo("n\n7\n");
  }

  private String files() throws IOException {
    try (var list = Files.list(folder)) {
      return list.sorted().toList().toString();
    }
  }

  @Test
  void aQueryThatTakesTooLongIsStopped() {
    String endless =
        "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT (i + 1) % 1000 FROM n)"
            + " SELECT count(*) FROM n";
    assertThat(cli.run("query", "--timeout", "1", "@t.arrow", endless).all())
        .isEqualTo(
            "exit 2\nkstrace: the query did not end within 1 s and was stopped; make it read less,"
                + " or give it longer (--timeout)\n");
    assertThat(cli.run("query", "--timeout", "-1", "@t.arrow", "SELECT 1").all())
        .isEqualTo("exit 2\nkstrace: --timeout -1: expected seconds, or 0 for no limit\n");
    assertThat(cli.run("query", "--timeout", "60", "@t.arrow", "SELECT 1 AS one").all())
        .startsWith("exit 0");
  }
}
