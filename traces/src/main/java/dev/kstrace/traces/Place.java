package dev.kstrace.traces;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A place in a trace as users name it: {@code 1234} is a seq, {@code 1.5s}, {@code 20ms}, {@code
 * 7us} or {@code 300ns} a time since the first event, {@code mark:TEXT} the first mark with that
 * text. Immutable.
 */
public final class Place {
  private static final String MARK = "mark:";
  private static final Pattern SEQ = Pattern.compile("[0-9]{1,20}");
  private static final Pattern TIME =
      Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{1,9})?)(ns|us|ms|s)");

  private final String text;
  private final Kind kind;
  private final long value;

  private enum Kind {
    SEQ,
    TIME,
    MARK
  }

  private Place(String text, Kind kind, long value) {
    this.text = text;
    this.kind = kind;
    this.value = value;
  }

  /**
   * Reads a place.
   *
   * @throws IllegalArgumentException if the text names none; the message says what was expected
   */
  public static Place parse(String text) {
    if (text.startsWith(MARK)) {
      return new Place(text, Kind.MARK, 0);
    }
    Matcher time = TIME.matcher(text);
    if (time.matches()) {
      double unit =
          switch (time.group(2)) {
            case "ns" -> 1;
            case "us" -> 1e3;
            case "ms" -> 1e6;
            default -> 1e9;
          };
      return new Place(text, Kind.TIME, Math.round(Double.parseDouble(time.group(1)) * unit));
    }
    try {
      if (SEQ.matcher(text).matches()) {
        return new Place(text, Kind.SEQ, Long.parseUnsignedLong(text));
      }
    } catch (NumberFormatException e) {
      // Larger than 64 bits: falls through to the message.
    }
    throw new IllegalArgumentException(
        "'" + text + "' is no place in a trace; expected a seq, a time such as 1.5s, or mark:TEXT");
  }

  /** Whether a row is this place or lies behind it. */
  boolean isReached(EventBatch batch, int row, long firstTime) {
    return switch (kind) {
      case SEQ -> Long.compareUnsigned(batch.seq(row), value) >= 0;
      case TIME -> batch.tEntry(row) - firstTime >= value;
      case MARK -> isMark(batch, row);
    };
  }

  /** Whether a row lies behind this place; of a mark nothing but the mark itself can tell. */
  boolean isPassed(EventBatch batch, int row, long firstTime) {
    return switch (kind) {
      case SEQ -> Long.compareUnsigned(batch.seq(row), value) > 0;
      case TIME -> batch.tEntry(row) - firstTime > value;
      case MARK -> false;
    };
  }

  /** Whether this place is a mark, and the row is that mark. */
  boolean isMark(EventBatch batch, int row) {
    return kind == Kind.MARK
        && batch.op(row) == Op.MARK.code()
        && text.substring(MARK.length()).equals(Detail.parse(batch.detail(row)).text("text"));
  }

  /**
   * The last event of a trace before those that lie behind this place; of a mark, the mark.
   *
   * @return its seq; null where there is none
   * @throws IOException if the trace cannot be read
   */
  public @Nullable Long lastSeq(Path trace) throws IOException {
    Set<Column> columns = EnumSet.of(Column.SEQ, Column.T_ENTRY);
    if (kind == Kind.MARK) {
      columns.addAll(EnumSet.of(Column.OP, Column.DETAIL));
    }
    Long last = null;
    try (TraceReader reader = TraceReader.open(trace, columns)) {
      EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);
      long first = 0;
      boolean begun = false;
      while (reader.read(batch)) {
        first = begun || batch.rows() == 0 ? first : batch.tEntry(0);
        begun |= batch.rows() > 0;
        for (int row = 0; row < batch.rows(); row++) {
          if (isPassed(batch, row, first)) {
            return last;
          }
          if (kind != Kind.MARK) {
            last = batch.seq(row);
          } else if (isMark(batch, row)) {
            return batch.seq(row);
          }
        }
      }
    }
    return last;
  }

  /** The place as it was given. */
  @Override
  public String toString() {
    return text;
  }
}
