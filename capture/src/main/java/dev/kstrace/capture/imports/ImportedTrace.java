package dev.kstrace.capture.imports;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The trace that an importer makes. An import that fails takes its file away: half a recording
 * would pass for a whole one. Not thread-safe.
 */
public final class ImportedTrace implements Closeable {
  /** Writing failed, in contrast to reading; the cause says how. */
  public static final class OutputException extends IOException {
    private static final long serialVersionUID = 1L;
    private final IOException failure;

    OutputException(IOException failure) {
      super(failure);
      this.failure = failure;
    }

    /** What the file system said. */
    public IOException failure() {
      return failure;
    }
  }

  private final Path file;
  private final TraceWriter writer;
  private final EventBatch rows = new EventBatch(TraceWriter.BATCH_ROWS);
  private TraceMetadata metadata;
  private long written;
  private long lastSeq;
  private boolean finished;

  private ImportedTrace(Path file, TraceWriter writer, TraceMetadata metadata) {
    this.file = file;
    this.writer = writer;
    this.metadata = metadata;
  }

  /**
   * Begins a trace.
   *
   * @param file where to write
   * @param metadata what is known now; {@link #describe} adds what turns out later
   * @param overwrite whether an existing file is replaced
   * @throws OutputException if the file cannot be created, or exists and {@code overwrite} is false
   */
  public static ImportedTrace create(Path file, TraceMetadata metadata, boolean overwrite)
      throws OutputException {
    try {
      return new ImportedTrace(file, TraceWriter.create(file, metadata, overwrite), metadata);
    } catch (IOException e) {
      throw new OutputException(e);
    }
  }

  /** Appends an event under the next number. */
  public int append(Op op, Layer layer, long timeNs) throws IOException {
    return append(lastSeq + 1, op, layer, timeNs);
  }

  /**
   * Appends an event of which only the columns without null are known; the caller fills the rest
   * into {@link #rows} before the next call.
   *
   * @return its row
   */
  public int append(long seq, Op op, Layer layer, long timeNs) throws IOException {
    int row = claim();
    rows.begin(row, seq, op.code(), layer.code(), timeNs);
    lastSeq = Math.max(lastSeq, seq);
    return row;
  }

  /** Appends a copy of a row under a number of its own. */
  int append(long seq, EventBatch from, int fromRow) throws IOException {
    int row = claim();
    rows.copy(row, from, fromRow);
    rows.setSeq(row, seq);
    lastSeq = Math.max(lastSeq, seq);
    return row;
  }

  private int claim() throws IOException {
    if (rows.isFull()) {
      flush();
    }
    int row = rows.rows();
    rows.setRows(row + 1);
    return row;
  }

  private void flush() throws OutputException {
    try {
      writer.write(rows);
    } catch (IOException e) {
      throw new OutputException(e);
    }
    written += rows.rows();
    rows.clear();
  }

  /** Appends an events_lost row under the next number; {@code count} null = unknown. */
  public void lost(long timeNs, @Nullable Long count, String cause) throws IOException {
    int row = append(Op.EVENTS_LOST, Layer.NONE, timeNs);
    rows.setDetail(row, LossLedger.detail(count, cause));
  }

  /** Where appended rows are filled in. */
  public EventBatch rows() {
    return rows;
  }

  /** The highest number so far; 0 before the first event. */
  public long lastSeq() {
    return lastSeq;
  }

  /** Events so far. */
  public long events() {
    return written + rows.rows();
  }

  /** The metadata so far. */
  public TraceMetadata metadata() {
    return metadata;
  }

  /** Replaces the metadata. */
  public void describe(TraceMetadata described) {
    metadata = described;
  }

  /**
   * Completes the file.
   *
   * @throws OutputException if that fails
   */
  public void finish() throws OutputException {
    flush();
    try {
      writer.describe(metadata);
      writer.close();
    } catch (IOException e) {
      throw new OutputException(e);
    }
    finished = true;
  }

  /** Takes an unfinished file away; does nothing after {@link #finish}. */
  @Override
  public void close() throws IOException {
    if (!finished) {
      writer.abort();
      Files.deleteIfExists(file);
    }
  }
}
