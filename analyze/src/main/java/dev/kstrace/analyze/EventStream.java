package dev.kstrace.analyze;

import dev.kstrace.traces.Column;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
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
  private @Nullable EventBatch batch;

  EventStream(Path file, Set<Integer> columns) throws IOException {
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
    return trace.read(rows) ? rows.rows() : 0;
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
    for (int row = 0; row < rows; row++) {
      write(events, row, source, sink);
    }
  }

  private static void write(EventBatch events, int row, Column column, VectorSink sink) {
    switch (column) {
      case SEQ -> sink.put(row, events.seq(row));
      case OP -> sink.put(row, events.op(row));
      case LAYER -> sink.put(row, events.layer(row));
      case T_ENTRY -> sink.put(row, events.tEntry(row));
      case DETAIL -> sink.put(row, events.detail(row));
      case T_EXIT -> put(events, row, EventBatch.T_EXIT, events.tExit(row), sink);
      case THREAD ->
          put(events, row, EventBatch.THREAD, Integer.toUnsignedLong(events.thread(row)), sink);
      case IRQL_ENTRY -> put(events, row, EventBatch.IRQL_ENTRY, events.irqlEntry(row), sink);
      case IRQL_EXIT -> put(events, row, EventBatch.IRQL_EXIT, events.irqlExit(row), sink);
      case PIN -> put(events, row, EventBatch.PIN, events.pin(row), sink);
      case CONTEXT -> put(events, row, EventBatch.CONTEXT, events.context(row), sink);
      case FRAME -> put(events, row, EventBatch.FRAME, events.frame(row), sink);
      case SIZE -> put(events, row, EventBatch.SIZE, events.size(row), sink);
      case STATUS -> put(events, row, EventBatch.STATUS, events.status(row), sink);
      case FRAMING -> throw new IllegalStateException("framing is written member by member");
    }
  }

  private static void put(EventBatch events, int row, int bit, long value, VectorSink sink) {
    if (events.has(row, bit)) {
      sink.put(row, value);
    } else {
      sink.putNull(row);
    }
  }

  @Override
  public void close() throws IOException {
    trace.close();
  }
}
