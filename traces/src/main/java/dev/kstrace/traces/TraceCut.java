package dev.kstrace.traces;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Takes a part out of a trace so that its verdict stays that of the whole: what was live at the
 * beginning comes along as a snapshot (see {@link LiveState}), and the end counts as orderly only
 * if the whole trace's own end is kept. Not thread-safe.
 */
public final class TraceCut {
  private static final String KEY = "kstrace.cut";

  private final @Nullable Place from;
  private final @Nullable Place to;

  /**
   * What a cut kept.
   *
   * @param events events of the part itself; 0 = nothing was written, since no event lies there
   * @param snapshotRows events of before that tell what was live
   * @param firstSeq seq of the part's first event
   * @param lastSeq seq of its last one
   */
  public record Kept(long events, int snapshotRows, long firstSeq, long lastSeq) {}

  /**
   * A part.
   *
   * @param from where it begins; null = with the first event
   * @param to where it ends, that event included; null = with the last one
   */
  public TraceCut(@Nullable Place from, @Nullable Place to) {
    this.from = from;
    this.to = to;
  }

  /**
   * Writes the part.
   *
   * @param overwrite whether an existing output is replaced
   * @param progress told how far the reading is
   * @throws MalformedTraceException if the input is no trace, or is damaged where it must be read
   * @throws IOException if reading or writing fails; nothing is left behind then
   */
  public Kept write(Path input, Path output, boolean overwrite, ReadProgress progress)
      throws IOException {
    try (TraceReader reader = TraceReader.open(input);
        Part part = new Part(reader, output, overwrite)) {
      EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);
      while (!part.ended && reader.read(batch)) {
        part.accept(batch);
        progress.at(reader.position(), reader.fileBytes());
      }
      return part.finish();
    }
  }

  /** The part while it is written. */
  private final class Part implements Closeable {
    private final TraceReader reader;
    private final Path output;
    private final boolean overwrite;
    private final LiveState before;
    private final long snapshotRows;
    private final EventBatch heldEnd = new EventBatch(1);
    private @Nullable NewTrace trace;
    private boolean ended;
    private boolean markPassed;
    private long seen;
    private long firstTime;
    private int snapshotKept;
    private long events;
    private long firstSeq;
    private long lastSeq;

    Part(TraceReader reader, Path output, boolean overwrite) {
      this.reader = reader;
      this.output = output;
      this.overwrite = overwrite;
      this.before = new LiveState(reader.metadata());
      this.snapshotRows = reader.metadata().snapshotRows();
    }

    void accept(EventBatch batch) throws IOException {
      int begin = trace == null ? begin(batch) : 0;
      NewTrace target = trace;
      if (target == null) {
        return;
      }
      int row = begin;
      for (; row < batch.rows() && !ended; row++) {
        if (isPast(batch, row)) {
          ended = true;
          break;
        }
        release(target);
        if (batch.op(row) == Op.TRACE_END.code()) {
          // It ends the part only if it ends the whole trace, which the next row would show.
          target.writer().write(batch, begin, row - begin);
          heldEnd.copy(0, batch, row);
          heldEnd.setRows(1);
          begin = row + 1;
        }
        note(batch, row);
      }
      target.writer().write(batch, begin, row - begin);
    }

    /** Takes rows as left out and gives the first that is not; the batch's rows if all are. */
    private int begin(EventBatch batch) throws IOException {
      for (int row = 0; row < batch.rows(); row++) {
        firstTime = seen <= snapshotRows ? batch.tEntry(row) : firstTime;
        boolean scene = seen++ < snapshotRows;
        if (!scene && (from == null || from.isReached(batch, row, firstTime))) {
          EventBatch snapshot = before.snapshot(batch, row);
          snapshotKept = snapshot.rows();
          firstSeq = batch.seq(row);
          trace = NewTrace.create(output, metadata(snapshot), overwrite);
          trace.writer().write(snapshot);
          return row;
        }
        before.accept(batch, row);
      }
      return batch.rows();
    }

    private TraceMetadata metadata(EventBatch snapshot) {
      return LiveState.describe(reader.metadata(), snapshot)
          .with(TraceMetadata.VERSION, TraceMetadata.CURRENT_VERSION)
          .with(KEY + ".from", from == null ? "start" : from.toString())
          .with(KEY + ".to", to == null ? "end" : to.toString());
    }

    private boolean isPast(EventBatch batch, int row) {
      if (to == null) {
        return false;
      }
      boolean past = markPassed || to.isPassed(batch, row, firstTime);
      markPassed |= to.isMark(batch, row);
      return past;
    }

    private void note(EventBatch batch, int row) {
      events++;
      lastSeq = batch.seq(row);
    }

    /** Writes a trace_end that turned out to have rows of the part behind it. */
    private void release(NewTrace target) throws IOException {
      if (heldEnd.rows() > 0) {
        target.writer().write(heldEnd);
        heldEnd.clear();
      }
    }

    Kept finish() throws IOException {
      NewTrace target = trace;
      if (target == null || events == 0) {
        return new Kept(0, 0, 0, 0);
      }
      if (!ended && reader.hasFooter()) {
        release(target);
      }
      target.commit();
      return new Kept(events, snapshotKept, firstSeq, lastSeq);
    }

    @Override
    public void close() throws IOException {
      if (trace != null) {
        trace.close();
      }
    }
  }
}
