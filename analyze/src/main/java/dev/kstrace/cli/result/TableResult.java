package dev.kstrace.cli.result;

import dev.kstrace.traces.Escapes;
import java.io.PrintStream;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Aligned columns; the first rows decide how wide they are. */
final class TableResult {
  private static final int ROWS_MEASURED = 1000;

  private final ResultColumns columns;
  private final int[] widths;

  private TableResult(ResultColumns columns) {
    this.columns = columns;
    this.widths = new int[columns.count()];
  }

  static void write(ResultSet result, PrintStream out) throws SQLException {
    new TableResult(new ResultColumns(result, out)).write(out);
  }

  private void write(PrintStream out) throws SQLException {
    String[] names = new String[widths.length];
    for (int i = 0; i < names.length; i++) {
      names[i] = Escapes.escape(columns.name(i)); // PIVOT makes names of data
    }
    measure(names);
    List<String[]> head = new ArrayList<>();
    boolean more = columns.next();
    while (more && head.size() < ROWS_MEASURED) {
      String[] row = row();
      measure(row);
      head.add(row);
      more = columns.next();
    }
    out.println(line(names));
    out.println(Arrays.stream(widths).mapToObj("-"::repeat).collect(Collectors.joining("  ")));
    head.forEach(row -> out.println(line(row)));
    while (more) {
      out.println(line(row()));
      more = columns.next();
    }
  }

  private void measure(String[] cells) {
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], cells[i].length());
    }
  }

  private String[] row() throws SQLException {
    String[] cells = new String[widths.length];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = columns.shown(i);
    }
    return cells;
  }

  private String line(String[] cells) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.length; i++) {
      String padding = " ".repeat(Math.max(0, widths[i] - cells[i].length()));
      line.append(i == 0 ? "" : "  ");
      line.append(columns.isNumeric(i) ? padding + cells[i] : cells[i] + padding);
    }
    return line.toString().stripTrailing();
  }
}
