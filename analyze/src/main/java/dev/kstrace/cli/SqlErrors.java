package dev.kstrace.cli;

import dev.kstrace.analyze.Query;
import dev.kstrace.analyze.config.Names;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** DuckDB's messages as people want them: what is wrong, then the line with the place. */
final class SqlErrors {
  private static final Pattern NO_COLUMN = Pattern.compile("have a column named \"([^\"]+)\"$");

  private SqlErrors() {}

  static UserError explain(SQLException e) {
    String message = String.valueOf(e.getMessage()).strip();
    int line = message.indexOf("\n\nLINE ");
    String what = line < 0 ? message : message.substring(0, line);
    String where = line < 0 ? "" : message.substring(line + 1);
    String text = "the SQL failed: " + near(what.replaceAll("\\s*\n\\s*", " "));
    return UserError.usage(where.isEmpty() ? text : text + "\n" + where.strip(), e);
  }

  /** Adds what was probably meant where DuckDB does not say it: for a column of a named table. */
  private static String near(String message) {
    Matcher column = NO_COLUMN.matcher(message);
    String near = column.find() ? Names.nearest(column.group(1), Query.columnNames()) : null;
    return near == null ? message : message + "; did you mean \"" + near + "\"?";
  }
}
