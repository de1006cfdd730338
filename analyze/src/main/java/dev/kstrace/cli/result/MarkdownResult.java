package dev.kstrace.cli.result;

import dev.kstrace.traces.Escapes;
import java.io.PrintStream;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * A table of GitHub's Markdown. Texts are code spans, so that nothing in a trace becomes a link, a
 * picture, a mention or HTML where the table is shown.
 */
final class MarkdownResult {
  private MarkdownResult() {}

  static void write(ResultSet result, PrintStream out) throws SQLException {
    ResultColumns columns = new ResultColumns(result, out);
    StringBuilder head = new StringBuilder("|");
    StringBuilder rule = new StringBuilder("|");
    for (int i = 0; i < columns.count(); i++) {
      String name = columns.name(i);
      head.append(' ').append(isWord(name) ? name : code(Escapes.escape(name))).append(" |");
      rule.append(columns.isNumeric(i) ? " ---: |" : " --- |");
    }
    out.append(head.append('\n')).append(rule.append('\n'));
    StringBuilder line = new StringBuilder();
    while (columns.next()) {
      line.setLength(0);
      line.append('|');
      for (int i = 0; i < columns.count(); i++) {
        Object value = columns.value(i);
        boolean plain = value == null || value instanceof Number || value instanceof Boolean;
        String shown = columns.shown(i);
        line.append(' ').append(plain ? shown : code(shown)).append(" |");
      }
      out.append(line.append('\n'));
    }
  }

  private static boolean isWord(String name) {
    return name.matches("[A-Za-z0-9]+(_[A-Za-z0-9]+)*");
  }

  /** A code span; its fence is longer than any run of backticks inside. */
  private static String code(String text) {
    if (text.isEmpty()) {
      return "";
    }
    String fence = "`";
    while (text.contains(fence)) {
      fence += "`";
    }
    // A blank keeps a backtick away from the fence; one on each side is not shown.
    String inside = text.startsWith("`") || text.endsWith("`") ? " " + text + " " : text;
    // A table is cut at bars before code is looked for.
    return fence + inside.replace("|", "\\|") + fence;
  }
}
