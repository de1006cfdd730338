package dev.kstrace.cli;

import dev.kstrace.analyze.TraceWatch;
import dev.kstrace.analyze.TraceWatch.Row;
import dev.kstrace.cli.text.Described;
import dev.kstrace.cli.text.Paint;
import dev.kstrace.cli.text.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The allocators of a trace as lines, time after time. Not thread-safe. */
final class TopTable {
  private static final int NAME = 24;
  private static final Comparator<Row> BUSIEST =
      Comparator.comparing(Row::deleted)
          .thenComparing(Row::isOverLimit, Comparator.reverseOrder())
          .thenComparing(Row::outstanding, Comparator.reverseOrder())
          .thenComparing(row -> row.allocator().allocId());

  private final Paint paint;
  private final Map<Long, Row> before = new HashMap<>();
  private long timeBefore;

  TopTable(Paint paint) {
    this.paint = paint;
  }

  /** The names of the columns. */
  static String title() {
    return String.format(
        Locale.ROOT,
        "%12s  %-" + NAME + "s %11s %7s %12s %10s %9s",
        "time",
        "allocator",
        "outstanding",
        "limit",
        "allocates/s",
        "oldest",
        "failures");
  }

  /** All allocators, those that matter most first. */
  List<String> all(TraceWatch watch) {
    return lines(watch, false);
  }

  /** The allocators that something has happened to since the last time. */
  List<String> changed(TraceWatch watch) {
    return lines(watch, true);
  }

  private List<String> lines(TraceWatch watch, boolean onlyChanged) {
    List<String> lines = new ArrayList<>();
    for (Row row : watch.rows().stream().sorted(BUSIEST).toList()) {
      Row old = before.put(row.allocator().allocId(), row);
      if (!onlyChanged || !Objects.equals(old, row)) {
        lines.add(line(watch, row, old));
      }
    }
    timeBefore = watch.now();
    return lines;
  }

  private String line(TraceWatch watch, Row row, @Nullable Row old) {
    String outstanding = String.format(Locale.ROOT, "%,11d", row.outstanding());
    String failures = String.format(Locale.ROOT, "%,9d", row.failures());
    boolean failing = row.failures() > (old == null ? 0 : old.failures());
    return String.format(
        Locale.ROOT,
        "%12s  %-" + NAME + "s %s %7s %12s %10s %s%s",
        Words.duration(watch.now() - watch.start()),
        Described.shortly(row.allocator(), NAME),
        row.isOverLimit() ? paint.bad(outstanding) : outstanding,
        row.limit() == 0 ? "-" : String.format(Locale.ROOT, "%,d", row.limit()),
        rate(watch, row, old),
        row.oldestNs() == null ? "-" : Words.duration(watch.now() - row.oldestNs()),
        failing ? paint.bad(failures) : failures,
        row.deleted() ? "  deleted" : "");
  }

  /** Frames handed out per second of the trace, since the last time or since it was made. */
  private String rate(TraceWatch watch, Row row, @Nullable Row old) {
    long ns = watch.now() - (old == null ? row.madeNs() : timeBefore);
    long frames = row.allocates() - (old == null ? 0 : old.allocates());
    if (ns <= 0 || row.deleted()) {
      return "-";
    }
    return String.format(Locale.ROOT, "%,.1f", frames * 1e9 / ns);
  }
}
