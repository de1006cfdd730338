package dev.kstrace.analyze;

import dev.kstrace.traces.Column;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A scan of {@code events}, straight from the file, decoding only the columns that are asked for.
 */
final class EventStream implements RowStream {
  private static final int FRAMING_FROM = Tables.EVENTS.indexOf("options_flags");
  private static final int FRAMING_TO = Tables.EVENTS.indexOf("reserved");

  private final TraceReader trace;
  private final ReadProgress progress;
  private @Nullable EventBatch batch;

  EventStream(Path file, Set<Integer> columns, ReadProgress progress) throws IOException {
    this.progress = progress;
    Set<Column> wanted = EnumSet.of(Column.SEQ);
    for (int column : columns) {
      wanted.add(columnOf(column));
    }
    trace = TraceReader.open(file, wanted);
  }

  private static Column columnOf(int index) {
    return index >= FRAMING_FROM && index <= FRAMING_TO
        ? Column.FRAMING
        : Column.valueOf(Tables.EVENTS.columns().get(index).name().toUpperCase(Locale.ROOT));
  }

  @Override
  public int next(int most) throws IOException {
    EventBatch rows = batch;
    if (rows == null) {
      rows = new EventBatch(most);
      batch = rows;
    }
    boolean more = trace.read(rows);
    progress.at(trace.position(), trace.fileBytes());
    return more ? rows.rows() : 0;
  }

  @Override
  public void write(int column, VectorSink sink, int rows) {
    EventBatch events = batch;
    if (events == null) {
      return;
    }
    if (column >= FRAMING_FROM && column <= FRAMING_TO) {
      for (int row = 0; row < rows; row++) {
        Framing framing = events.framing(row);
        if (framing == null) {
          sink.putNull(row);
        } else {
          sink.put(row, FramingColumns.value(framing, column - FRAMING_FROM));
        }
      }
      return;
    }
    Column source = columnOf(column);
    ByteBuffer values = source == Column.THREAD ? null : sink.values(); // wider in the table
    if (source == Column.DETAIL) {
      for (int row = 0; row < rows; row++) {
        sink.put(row, events.detail(row));
      }
    } else if (values != null) {
      events.copy(source, values);
    } else {
      for (int row = 0; row < rows; row++) {
        sink.put(row, value(events, row, source));
      }
    }
    writeNulls(events, EventBatch.bitOf(source), sink, rows);
  }

  private static long value(EventBatch events, int row, Column column) {
    return switch (column) {
      case SEQ -> events.seq(row);
      case OP -> events.op(row);
      case LAYER -> events.layer(row);
      case T_ENTRY -> events.tEntry(row);
      case T_EXIT -> events.tExit(row);
      case THREAD -> Integer.toUnsignedLong(events.thread(row));
      case IRQL_ENTRY -> events.irqlEntry(row);
      case IRQL_EXIT -> events.irqlExit(row);
      case PIN -> events.pin(row);
      case CONTEXT -> events.context(row);
      case FRAME -> events.frame(row);
      case SIZE -> events.size(row);
      case STATUS -> events.status(row);
      case FRAMING, DETAIL -> throw new IllegalStateException("no number: " + column);
    };
  }

  private static void writeNulls(EventBatch events, int bit, VectorSink sink, int rows) {
    int everywhere = bit;
    for (int row = 0; row < rows; row++) {
      everywhere &= events.present(row);
    }
    if (everywhere == bit) {
      return;
    }
    for (int row = 0; row < rows; row++) {
      if (!events.has(row, bit)) {
        sink.putNull(row);
      }
    }
  }

  @Override
  public void close() throws IOException {
    trace.close();
  }
}
