package dev.kstrace.cli.findings;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What came out of each trace, or under each mark, as the rows of a table. Not thread-safe. */
final class Summary {
  private final List<Row> rows = new ArrayList<>();

  /**
   * One trace or mark.
   *
   * @param name as it was given, not escaped
   * @param tally null where it could not be judged
   */
  record Row(String name, @Nullable Tally tally) {}

  /** A column of numbers. */
  enum Column {
    ERRORS,
    WARNINGS,
    INFO,
    KNOWN,
    SUPPRESSED;

    String title() {
      return name().toLowerCase(Locale.ROOT);
    }

    long of(Tally tally) {
      return switch (this) {
        case ERRORS -> tally.errors();
        case WARNINGS -> tally.warnings();
        case INFO -> tally.infos();
        case KNOWN -> tally.known();
        case SUPPRESSED -> tally.suppressed();
      };
    }
  }

  void add(String name, @Nullable Tally tally) {
    rows.add(new Row(name, tally));
  }

  List<Row> rows() {
    return rows;
  }

  /** All that was judged. */
  Tally total() {
    return rows.stream()
        .map(row -> row.tally() == null ? Tally.NONE : row.tally())
        .reduce(Tally.NONE, Tally::plus);
  }

  /** The columns worth showing: that of errors, and those that are not zero all the way. */
  List<Column> columns() {
    Tally total = total();
    List<Column> shown = new ArrayList<>();
    for (Column column : Column.values()) {
      if (column == Column.ERRORS || column.of(total) > 0) {
        shown.add(column);
      }
    }
    return shown;
  }
}
