package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for the file of every rule. */
class RulePackLintTest {
  private static final Path FOLDER = Path.of("src/main/resources/dev/kstrace/rules");
  private static final int LONGEST_LINE = 100;
  private static final Pattern TABLE =
      Pattern.compile("\\b(?:FROM|JOIN)\\s+(.*?)(?=\\bWHERE\\b|$)");

  private static final List<String> COLUMNS =
      List.of(
          "seq",
          "related_seqs",
          "pin",
          "context",
          "frame",
          "alloc_id",
          "site",
          "severity",
          "certainty",
          "message");

  static List<Named<Rule>> rules() {
    return RulePack.builtIn().stream().map(rule -> Named.of(rule.id(), rule)).toList();
  }

  @Test
  void theFilesAreTheRulesOfThePack() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              RulePack.IDS.stream().map(id -> id + ".sql").toList());
    }
    assertThat(RulePack.IDS).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("rules")
  void theHeaderIsComplete(Rule rule) {
    assertThat(rule.basis()).isIn("contract", "derived", "heuristic", "recorder");
    assertThat(rule.reads()).isNotEmpty().doesNotHaveDuplicates();
    assertThat(rule.needs())
        .isSubsetOf(
            Arrays.stream(Need.values())
                .map(need -> need.name().toLowerCase(Locale.ROOT))
                .toList());
    for (String text : List.of(rule.why(), rule.fix(), rule.limits())) {
      assertThat(text).matches("(?s)(seq |[A-Z0-9]).*\\.");
    }
    assertThat(rule.source())
        .containsPattern("(ddi|devtest|debugger|stream)/|trace format|no page states it");
  }

  @ParameterizedTest
  @MethodSource("rules")
  void theSeverityIsTheGravestThatItGives(Rule rule) {
    Severity gravest = Severity.INFO;
    for (Severity severity : Severity.values()) {
      gravest = rule.sql().contains("'" + severity.label() + "'") ? severity : gravest;
    }
    // The header of outstanding-exceeds-frames names the callback layer's.
    if (!rule.id().equals("outstanding-exceeds-frames")) {
      assertThat(rule.severity()).isEqualTo(gravest);
    }
  }

  @ParameterizedTest
  @MethodSource("rules")
  void theFileIsOneReadableStatement(Rule rule) throws IOException {
    List<String> lines =
        Files.readAllLines(FOLDER.resolve(rule.id() + ".sql"), StandardCharsets.UTF_8);
    assertThat(lines)
        .allSatisfy(line -> assertThat(line.length()).as(line).isLessThanOrEqualTo(LONGEST_LINE))
        .allSatisfy(line -> assertThat(line).isEqualTo(line.stripTrailing()));
    assertThat(rule.sql()).doesNotContain("\t").matches("(?s)(SELECT|WITH)\\b.*");
    String code = withoutStrings(rule.sql()).toLowerCase(Locale.ROOT);
    assertThat(code)
        .doesNotContain(";")
        .doesNotContain("select *")
        .doesNotContainPattern("\\b(now|random|current_timestamp|current_date|uuid|today)\\b")
        .doesNotContainPattern("\\b(create|insert|update|delete|drop|alter|copy|attach|set)\\s");
  }

  @ParameterizedTest
  @MethodSource("rules")
  void theRowsHaveATotalOrderFromSeqOn(Rule rule) {
    Matcher order = Pattern.compile("ORDER BY ([^\\n]+)$").matcher(rule.sql());
    assertThat(order.find()).isTrue();
    List<String> keys = List.of(order.group(1).split(", "));
    assertThat(keys.get(0)).matches("([a-z]\\.)?([a-z_]+_)?seq");
    // A seq may stand for several calls where the order is broken.
    if (Set.of("suspects", "unfreed_frames").contains(rule.reads().get(0))) {
      assertThat(keys).last().asString().matches("([sf]\\.)?frame");
    }
  }

  @ParameterizedTest
  @MethodSource("rules")
  void itReadsTheTablesThatItSays(Rule rule) {
    Set<String> documented = new TreeSet<>(Tables.ALL.stream().map(TableDef::name).toList());
    assertThat(documented).containsAll(rule.reads());
    assertThat(tables(rule.sql())).containsExactlyInAnyOrderElementsOf(rule.reads());
  }

  @Test
  void everyRuleGivesTheColumnsOfAFinding(@TempDir Path dir) throws Exception {
    Path file = Traces.write(dir.resolve("trace.arrow"), "1 mark detail={\"text\":\"empty\"}");
    try (TraceDatabase database = TraceDatabase.open()) {
      database.attach(List.of(TraceFacts.of(file)));
      for (Rule rule : RulePack.builtIn()) {
        try (Statement statement = database.statement();
            ResultSet rows = statement.executeQuery(rule.sql())) {
          ResultSetMetaData columns = rows.getMetaData();
          List<String> names = new ArrayList<>();
          for (int i = 1; i <= columns.getColumnCount(); i++) {
            names.add(columns.getColumnName(i));
          }
          assertThat(names).as(rule.id()).isEqualTo(COLUMNS);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"basis", "reads", "why", "fix", "source", "limits"})
  void aHeaderWithoutAnEntryIsRefused(String key) {
    String text = RulePack.resource("/dev/kstrace/rules/double-free.sql");
    String without = text.replaceAll("-- " + key + ":.*\n(-- {4,}.*\n)*", "");
    assertThatThrownBy(() -> RuleFile.parse(null, "double-free", without))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the header has no " + key);
  }

  @Test
  void aHeaderWithAnotherNameOrSeverityIsRefused() {
    String text = RulePack.resource("/dev/kstrace/rules/double-free.sql");
    assertThatThrownBy(() -> RuleFile.parse(null, "other", text))
        .hasMessage("the header says rule=double-free");
    assertThatThrownBy(
            () -> RuleFile.parse(null, "double-free", text.replace(" error\n", " fatal\n")))
        .hasMessage("the header has no severity of error, warning or info");
  }

  private static String withoutStrings(String sql) {
    return sql.replaceAll("'[^']*'", "''");
  }

  private static Set<String> tables(String sql) {
    Set<String> names = new TreeSet<>();
    String code = withoutStrings(sql).replaceAll("\\bORDER BY\\b[^\\n]*", "");
    for (String line : code.split("\n", -1)) {
      Matcher from = TABLE.matcher(line);
      while (from.find()) {
        String list = from.group(1).replaceAll("\\bON\\b [^,]*", "");
        for (String item : list.split(",", -1)) {
          names.add(item.strip().split("[\\s)]+", -1)[0]);
        }
      }
    }
    Matcher own = Pattern.compile("\\b([a-z_]+) AS \\(\\s*SELECT").matcher(code);
    while (own.find()) {
      names.remove(own.group(1));
    }
    // IS DISTINCT FROM is no table.
    names.removeIf(name -> name.matches("previous_.*|false|''"));
    return names;
  }

  /** Functions of rules that Spark SQL has under the same name, with the same meaning. */
  private static final Set<String> SPARK_FUNCTIONS =
      Set.of(
          "abs",
          "cast",
          "coalesce",
          "count",
          "decimal",
          "greatest",
          "lag",
          "least",
          "max",
          "min",
          "nullif",
          "row_number",
          "sum",
          "try_cast");

  /** Words before a parenthesis that are no functions. */
  private static final Set<String> SYNTAX =
      Set.of("and", "as", "exists", "in", "not", "on", "or", "over", "then", "when", "where");

  private static final Pattern STRINGS_AND_COMMENTS = Pattern.compile("'[^']*'|--[^\n]*");
  private static final Pattern CALL = Pattern.compile("\\b([A-Za-z_]+)\\s*\\(");
  private static final Pattern CASTS = Pattern.compile("::(?!UBIGINT\\b)");

  /** Clauses that DuckDB alone has, or has in its own way. */
  private static final Pattern CLAUSES =
      Pattern.compile(
          "\\b(QUALIFY|ASOF|POSITIONAL|SAMPLE|EXCLUDE|REPLACE|COLUMNS|PIVOT|UNPIVOT|FILTER|VARCHAR"
              + "|GROUP BY ALL|ORDER BY ALL|RETURNING|STRUCT|MAP|LAMBDA)\\b");

  @ParameterizedTest
  @MethodSource("rules")
  void theDialectIsSparksTooWhereThatCostsNothing(Rule rule) {
    String sql = STRINGS_AND_COMMENTS.matcher(rule.sql()).replaceAll("");
    Set<String> known = new TreeSet<>(SPARK_FUNCTIONS);
    known.addAll(SYNTAX);
    Macros.ALL.forEach(macro -> known.add(macro.name()));
    known.add("json_valid"); // with ->>, for what a replay's mark holds
    List<String> called =
        CALL.matcher(sql).results().map(call -> call.group(1).toLowerCase(Locale.ROOT)).toList();
    assertThat(known).containsAll(called);
    assertThat(CLAUSES.matcher(sql).results().map(found -> found.group(1))).isEmpty();
    assertThat(CASTS.matcher(sql).results().map(found -> found.start())).isEmpty();
  }
}
