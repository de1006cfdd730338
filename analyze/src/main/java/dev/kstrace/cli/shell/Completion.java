package dev.kstrace.cli.shell;

import dev.kstrace.analyze.Query;
import dev.kstrace.cli.result.ResultFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a word that is being typed may become. */
final class Completion {
  private static final List<String> KEYWORDS =
      List.of(
          "SELECT",
          "FROM",
          "WHERE",
          "GROUP BY",
          "ORDER BY",
          "HAVING",
          "LIMIT",
          "JOIN",
          "LEFT JOIN",
          "ASOF JOIN",
          "USING",
          "ON",
          "AND",
          "OR",
          "NOT",
          "NULL",
          "IS",
          "IN",
          "BETWEEN",
          "LIKE",
          "CASE",
          "WHEN",
          "THEN",
          "ELSE",
          "END",
          "AS",
          "WITH",
          "DISTINCT",
          "UNION ALL",
          "DESCRIBE",
          "SUMMARIZE",
          "PIVOT",
          "OVER",
          "PARTITION BY",
          "FILTER",
          "DESC",
          "count",
          "sum",
          "min",
          "max",
          "avg",
          "median",
          "quantile_disc");

  private Completion() {}

  /**
   * Candidates for the word that ends at the cursor.
   *
   * @param before the text before that word
   * @param word the beginning of the word; matched without regard to case
   */
  static List<String> of(String before, String word) {
    String line = before.strip();
    if (line.isEmpty() && word.startsWith(".")) {
      return matching(DotCommand.ALL.stream().map(DotCommand::word).toList(), word);
    }
    if (line.startsWith(".")) {
      return switch (line.split("\\s+", 2)[0]) {
        case ".schema" -> matching(Query.tableNames(), word);
        case ".timing" -> matching(List.of("on", "off"), word);
        case ".format" ->
            matching(
                Arrays.stream(ResultFormat.values())
                    .filter(format -> format != ResultFormat.PARQUET)
                    .map(format -> format.name().toLowerCase(Locale.ROOT))
                    .toList(),
                word);
        default -> List.of();
      };
    }
    List<String> all = new ArrayList<>(Query.tableNames());
    all.addAll(Query.columnNames());
    Query.macroNames().forEach(name -> all.add(name + "("));
    all.addAll(KEYWORDS);
    return matching(all, word);
  }

  private static List<String> matching(List<String> candidates, String word) {
    String beginning = word.toLowerCase(Locale.ROOT);
    return candidates.stream()
        .filter(candidate -> candidate.toLowerCase(Locale.ROOT).startsWith(beginning))
        .distinct()
        .sorted()
        .toList();
  }
}
