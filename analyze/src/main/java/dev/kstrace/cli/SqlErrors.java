package dev.kstrace.cli;

import java.sql.SQLException;

/** DuckDB's messages as people want them: what is wrong, then the line with the place. */
final class SqlErrors {
  private SqlErrors() {}

  static UserError explain(SQLException e, String sql) {
    String message = String.valueOf(e.getMessage()).strip();
    int line = message.indexOf("\n\nLINE ");
    String what = line < 0 ? message : message.substring(0, line);
    String where = line < 0 ? "" : message.substring(line + 1);
    String text = "the SQL failed: " + what.replaceAll("\\s*\n\\s*", " ");
    return UserError.usage(where.isEmpty() ? text : text + "\n" + where.strip(), e);
  }
}
