package dev.kstrace.traces;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One trace of a merge, row after row. Not thread-safe. */
final class MergeInput implements Closeable {
  private final TraceReader reader;
  private final EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS / 4);
  private final Set<Long> identities = new HashSet<>();
  private int row = -1;
  private boolean any;
  private long previousSeq;
  private boolean rises = true;
  private boolean endSeen;
  private long announced;
  private long hole;

  MergeInput(Path file) throws IOException {
    reader = TraceReader.open(file);
    try {
      advance();
    } catch (IOException | RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  Path file() {
    return reader.file();
  }

  TraceMetadata metadata() {
    return reader.metadata();
  }

  boolean hasRow() {
    return row < batch.rows();
  }

  long position() {
    return reader.position();
  }

  long fileBytes() {
    return reader.fileBytes();
  }

  /** Goes to the next row; whether more was read for it. */
  boolean advance() throws IOException {
    if (row >= 0 && hasRow()) {
      previousSeq = batch.seq(row);
      boolean loss = batch.op(row) == Op.EVENTS_LOST.code();
      Long count = loss ? Detail.parse(batch.detail(row)).number("count") : null;
      announced = count == null ? 0 : count;
      any = true;
    }
    boolean read = ++row >= batch.rows();
    if (read) {
      reader.read(batch);
      row = 0;
    }
    if (hasRow()) {
      look();
    }
    return read;
  }

  private void look() {
    endSeen = batch.op(row) == Op.TRACE_END.code();
    hole = 0;
    if (any && Long.compareUnsigned(seq(), previousSeq) <= 0) {
      rises = false;
    } else if (any && batch.op(row) != Op.EVENTS_LOST.code()) {
      long missing = seq() - previousSeq - 1;
      hole = missing == announced ? 0 : missing;
    }
    if (batch.op(row) == Op.INITIALIZE.code() && batch.has(row, EventBatch.CONTEXT)) {
      identities.add(batch.context(row));
    }
    if (batch.has(row, EventBatch.PIN)) {
      identities.add(batch.pin(row));
    }
  }

  long seq() {
    return batch.seq(row);
  }

  long entryTime() {
    return batch.tEntry(row);
  }

  /** The latest time that is known of the row. */
  long latestTime() {
    return batch.has(row, EventBatch.T_EXIT)
        ? Math.max(batch.tExit(row), batch.tEntry(row))
        : batch.tEntry(row);
  }

  /** When the row took effect: calls that hand something out do so when they return. */
  private long effectTime() {
    int op = batch.op(row);
    return op == Op.INITIALIZE.code() || op == Op.ALLOCATE.code() ? latestTime() : entryTime();
  }

  boolean isBefore(MergeInput other, TraceMerge.Order order) {
    return order == TraceMerge.Order.SEQ
        ? Long.compareUnsigned(seq(), other.seq()) < 0
        : effectTime() < other.effectTime();
  }

  /** Numbers missing before the row, unless the row in front of it announced them. */
  long holeBefore() {
    return hole;
  }

  /** Whether seq rose from row to row so far. */
  boolean rises() {
    return rises;
  }

  /** Whether the trace ends as it should; known when all rows were seen. */
  boolean endsOrderly() {
    return endSeen && reader.hasFooter();
  }

  /** Pins and contexts so far. */
  Set<Long> identities() {
    return identities;
  }

  /** Copies the row, under another seq if one is given. */
  void copyTo(EventBatch target, int targetRow, @Nullable Long newSeq) {
    target.copy(targetRow, batch, row);
    if (newSeq != null) {
      target.seq[targetRow] = newSeq;
    }
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
