package dev.kstrace.analyze;

import java.util.ArrayList;
import java.util.List;

/** SQL cut into its statements, with the parameters of each. Not thread-safe. */
public final class SqlScript {
  private final String sql;
  private final List<Statement> statements = new ArrayList<>();
  private boolean open;

  private SqlScript(String sql) {
    this.sql = sql;
  }

  /**
   * One statement.
   *
   * @param sql the statement at its place in the whole text: what stands before is blanked, so that
   *     lines and columns of messages are right; {@code $name} is {@code $1} and so on, padded
   * @param parameters the names, in the order of their numbers
   * @param positional whether it has parameters without a name
   */
  record Statement(String sql, List<String> parameters, boolean positional) {
    /** A message of the database with the names that the user wrote. */
    String named(String message) {
      String named = message;
      for (int i = parameters.size(); i > 0; i--) {
        String name = parameters.get(i - 1);
        named = named.replace(numbered(i, name), '$' + name);
      }
      return named;
    }
  }

  /** The statements of a text, without those that are empty. */
  static List<Statement> statements(String sql) {
    return parsed(sql).statements;
  }

  /** Whether a text ends with a semicolon that ends a statement, or says nothing at all. */
  public static boolean isComplete(String sql) {
    return !parsed(sql).open;
  }

  private static SqlScript parsed(String sql) {
    SqlScript text = new SqlScript(sql);
    text.parse();
    return text;
  }

  private void parse() {
    StringBuilder statement = new StringBuilder();
    List<String> parameters = new ArrayList<>();
    boolean positional = false;
    int at = 0;
    while (at < sql.length()) {
      char c = sql.charAt(at);
      if (c == ';') {
        end(statement, parameters, positional);
        statement = new StringBuilder(blanked(sql.substring(0, at + 1)));
        parameters = new ArrayList<>();
        positional = false;
        open = false;
        at++;
        continue;
      }
      int end = SqlText.opaqueEnd(sql, at);
      boolean comment = sql.startsWith("--", at) || sql.startsWith("/*", at);
      open |= !comment && !Character.isWhitespace(c);
      if (end > at) {
        open |= end > sql.length(); // an open comment or quote goes on in the next line
        end = Math.min(end, sql.length());
        statement.append(comment ? blanked(sql.substring(at, end)) : sql.substring(at, end));
        at = end;
        continue;
      }
      int name = SqlText.wordEnd(sql, at + 1);
      if (c == '$' && name > at + 1 && !SqlText.isWordPart(sql, at - 1)) {
        String word = sql.substring(at + 1, name);
        if (Character.isDigit(word.charAt(0))) {
          positional = true;
          statement.append(sql, at, name);
        } else {
          if (!parameters.contains(word)) {
            parameters.add(word);
          }
          statement.append(numbered(parameters.indexOf(word) + 1, word));
        }
        at = name;
        continue;
      }
      positional |= c == '?';
      statement.append(c);
      at++;
    }
    end(statement, parameters, positional);
  }

  private void end(StringBuilder statement, List<String> parameters, boolean positional) {
    if (!statement.toString().isBlank()) {
      statements.add(
          new Statement(statement.toString().stripTrailing(), List.copyOf(parameters), positional));
    }
  }

  private static String numbered(int number, String name) {
    String text = "$" + number;
    return text + " ".repeat(Math.max(0, name.length() + 1 - text.length()));
  }

  private static String blanked(String text) {
    return text.replaceAll("[^\n]", " ");
  }
}
