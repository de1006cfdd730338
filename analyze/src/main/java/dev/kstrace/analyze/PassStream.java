package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
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
  private static final int BATCH_ROWS = 2048;

  private final TraceReader trace;
  private final Tracker tracker;
  private final EventBatch batch = new EventBatch(BATCH_ROWS);
  private final List<@Nullable Object[]> pending = new ArrayList<>();
  private @Nullable RowStream offered;
  private boolean ended;

  private PassStream(Path file, boolean ofFrames) throws IOException {
    trace = TraceReader.open(file);
    tracker = new Tracker(trace.metadata(), ofFrames ? new Frames() : new Calls());
  }

  /** A scan of {@code calls}. */
  static PassStream calls(Path file) throws IOException {
    return new PassStream(file, false);
  }

  /** A scan of {@code frames}. */
  static PassStream frames(Path file) throws IOException {
    return new PassStream(file, true);
  }

  private final class Calls implements TrackerSink {
    @Override
    public void call(CallFacts call) {
      pending.add(CallRows.row(call));
    }
  }

  private final class Frames implements TrackerSink {
    @Override
    public void frame(FrameTable frames, int slot, Allocator allocator) {
      pending.add(FrameRows.row(frames, slot, allocator, tracker.lossEpoch()));
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
      if (trace.read(batch)) {
        tracker.accept(batch);
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
    trace.close();
  }
}
