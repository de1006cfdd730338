package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A scan of {@code calls} or {@code frames}: a pass of the tracker that runs as far ahead as the
 * reader wants, so that a table as long as the trace needs no memory. Not thread-safe.
 */
final class PassStream implements RowStream {
  private final TraceReader trace;
  private final ReadAhead batches;
  private final Tracker tracker;
  private final ReadProgress progress;
  private final List<@Nullable Object[]> pending = new ArrayList<>();
  private @Nullable RowStream offered;
  private boolean ended;

  private PassStream(Path file, FrameHistory history, ReadProgress progress, boolean ofFrames)
      throws IOException {
    this.progress = progress;
    trace = TraceReader.open(file);
    batches = new ReadAhead(trace);
    tracker = new Tracker(trace.metadata(), ofFrames ? new Frames() : new Calls(), history);
  }

  /** A scan of {@code calls}. */
  static PassStream calls(Path file, FrameHistory history, ReadProgress progress)
      throws IOException {
    return new PassStream(file, history, progress, false);
  }

  /** A scan of {@code frames}. */
  static PassStream frames(Path file, FrameHistory history, ReadProgress progress)
      throws IOException {
    return new PassStream(file, history, progress, true);
  }

  private final class Calls implements TrackerSink {
    @Override
    public void call(CallFacts call) {
      pending.add(CallRows.row(call));
    }
  }

  private final class Frames implements TrackerSink {
    @Override
    public boolean sparesOrdinary() {
      return true;
    }

    @Override
    public void frame(
        FrameTable frames, int slot, Allocator allocator, @Nullable EventBatch free, int row) {
      pending.add(FrameRows.row(frames, slot, allocator, free, row, tracker.lossEpoch()));
    }
  }

  @Override
  public int next(int most) throws IOException {
    int rows = offered == null ? 0 : offered.next(most);
    while (rows == 0) {
      if (ended) {
        return 0;
      }
      pending.clear();
      PreparedBatch batch = batches.next();
      if (batch != null) {
        tracker.accept(batch);
        progress.at(trace.position(), trace.fileBytes());
      } else {
        tracker.finish();
        ended = true;
      }
      offered = RowStream.of(pending);
      rows = offered.next(most);
    }
    return rows;
  }

  @Override
  public void write(int column, VectorSink sink, int rows) {
    if (offered != null) {
      offered.write(column, sink, rows);
    }
  }

  @Override
  public void close() throws IOException {
    batches.close();
    trace.close();
  }
}
