package dev.kstrace.cli.result;

import java.io.PrintStream;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Comma-separated values after RFC 4180, with nothing to guess: texts are always quoted, numbers
 * and truth values never, NULL is empty, and each record is one line.
 *
 * <p>A trace may come from anybody, and a table is opened in a spreadsheet, which runs what looks
 * like a formula. So a text that begins with = + - @ is given an apostrophe in front; control and
 * formatting characters are written as {@code \}{@code uXXXX}. Who needs every character as it was
 * takes JSON or Parquet.
 */
final class CsvResult {
  private CsvResult() {}

  static void write(ResultSet result, PrintStream out) throws SQLException {
    ResultColumns columns = new ResultColumns(result, out);
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < columns.count(); i++) {
      line.append(i == 0 ? "" : ",");
      quote(columns.name(i), line);
    }
    out.append(line.append("\r\n"));
    while (columns.next()) {
      line.setLength(0);
      for (int i = 0; i < columns.count(); i++) {
        line.append(i == 0 ? "" : ",");
        append(columns.value(i), line);
      }
      out.append(line.append("\r\n"));
    }
  }

  private static void append(@Nullable Object value, StringBuilder line) {
    if (value instanceof Number || value instanceof Boolean) {
      line.append(value);
    } else if (value != null) {
      quote(value.toString(), line);
    }
  }

  private static void quote(String text, StringBuilder line) {
    line.append('"');
    if (!text.isEmpty() && isFormulaStart(text)) {
      line.append('\'');
    }
    text.codePoints().forEach(c -> append(c, line));
    line.append('"');
  }

  /** Whether a spreadsheet would take a text for a formula; some skip blanks in front of it. */
  private static boolean isFormulaStart(String text) {
    String visible = text.stripLeading();
    // Full-width signs count as their plain forms in some spreadsheets.
    return !visible.isEmpty() && "=+-@\uff1d\uff0b\uff0d\uff20".indexOf(visible.charAt(0)) >= 0;
  }

  private static void append(int c, StringBuilder line) {
    switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE -> {
        for (char unit : Character.toChars(c)) {
          line.append(String.format(java.util.Locale.ROOT, "\\u%04x", (int) unit));
        }
      }
      default -> {
        if (c == '"') {
          line.append('"');
        }
        line.appendCodePoint(c);
      }
    }
  }
}
