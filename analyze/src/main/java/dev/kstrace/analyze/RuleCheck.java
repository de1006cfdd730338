package dev.kstrace.analyze;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says whether the statement of a user's rule can be run, before any trace is read. */
final class RuleCheck {
  private static final Pattern LINE = Pattern.compile("\\s*\\n\\s*LINE (\\d+):");
  private static final String WHOLE = "U?(TINYINT|SMALLINT|INTEGER|BIGINT)|\"NULL\"";
  private static final String WORD = "VARCHAR";

  /** The columns of a finding, and the types that are taken. */
  private static final Map<String, String> COLUMNS = new LinkedHashMap<>();

  static {
    COLUMNS.put("seq", WHOLE);
    COLUMNS.put("related_seqs", "U?(TINYINT|SMALLINT|INTEGER|BIGINT)\\[\\]");
    COLUMNS.put("pin", WHOLE);
    COLUMNS.put("context", WHOLE);
    COLUMNS.put("frame", WHOLE);
    COLUMNS.put("alloc_id", WHOLE);
    COLUMNS.put("site", WORD);
    COLUMNS.put("severity", WORD);
    COLUMNS.put("certainty", WORD);
    COLUMNS.put("message", WORD);
  }

  private RuleCheck() {}

  /**
   * Checks a rule against its tables without rows.
   *
   * @param headerLines lines of the file before the statement
   * @throws RuleException if the statement is not one SELECT that gives a finding's columns
   */
  static void check(Rule rule, int headerLines, boolean allowIo) throws SQLException {
    requireOneSelect(rule.sql(), headerLines);
    try (TraceDatabase database = TraceDatabase.open(allowIo)) {
      database.attachEmpty(rule.reads().stream().map(Tables::named).toList());
      Map<String, String> found = new LinkedHashMap<>();
      try (Statement statement = database.statement();
          ResultSet column =
              statement.executeQuery("DESCRIBE SELECT * FROM (\n" + rule.sql() + "\n)")) {
        while (column.next()) {
          found.put(column.getString("column_name"), column.getString("column_type"));
        }
      } catch (SQLException e) {
        Matcher line = LINE.matcher(String.valueOf(e.getMessage()));
        // One line stands before the statement.
        int offset = line.find() ? Math.max(0, Integer.parseInt(line.group(1)) - 2) : 0;
        throw new RuleException(headerLines + 1 + offset, reason(e));
      }
      requireColumns(found, headerLines + 1);
    }
  }

  private static void requireOneSelect(String sql, int headerLines) {
    String code = SqlText.code(sql);
    if (!code.strip().matches("(?is)(SELECT|WITH)\\b.*")) {
      throw new RuleException(
          headerLines + 1, "the statement must begin with SELECT or WITH: rules only read");
    }
    int end = code.indexOf(';');
    if (end >= 0) {
      throw new RuleException(
          headerLines + SqlText.line(code, end), "one statement without ';' is expected");
    }
  }

  private static void requireColumns(Map<String, String> found, int line) {
    TreeSet<String> missing = new TreeSet<>(COLUMNS.keySet());
    missing.removeAll(found.keySet());
    if (!missing.isEmpty()) {
      throw new RuleException(
          line,
          "the statement gives no column "
              + String.join(", ", missing)
              + "; a finding has "
              + String.join(", ", COLUMNS.keySet()));
    }
    found.forEach(
        (name, type) -> {
          String expected = COLUMNS.get(name);
          if (expected == null) {
            throw new RuleException(
                line, "a finding has no column " + name + "; it has " + COLUMNS.keySet());
          }
          if (!type.matches(expected)) {
            String what = expected.equals(WORD) ? "a VARCHAR" : "a whole number of 64 bits";
            throw new RuleException(
                line,
                "column "
                    + name
                    + " is of type "
                    + type
                    + ", expected "
                    + (name.equals("related_seqs") ? "a list such as UBIGINT[]" : what));
          }
        });
  }

  /** What DuckDB complains about, in one line without the quoted statement. */
  static String reason(SQLException e) {
    String message = String.valueOf(e.getMessage()).strip();
    Matcher line = LINE.matcher(message);
    String what = line.find() ? message.substring(0, line.start()) : message;
    return what.strip().replaceAll("\\s*\\n\\s*", " ");
  }
}
