package dev.kstrace.analyze;

import dev.kstrace.analyze.TraceFacts.AllocatorSummary;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The state of the allocators at the end of a trace that may still be growing. Not thread-safe. */
public final class TraceWatch implements Closeable {
  private final TraceReader trace;
  private final EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS / 8);
  private final Tracker tracker;

  private TraceWatch(TraceReader trace) {
    this.trace = trace;
    tracker = new Tracker(trace.metadata(), new TrackerSink() {});
  }

  /**
   * One allocator as it is now.
   *
   * @param deleted whether it was deleted; the frames are then those that it had at that moment
   * @param outstanding frames handed out and not given back, at its callbacks
   * @param limit frames that its framing allows; 0 = no limit, or none is known
   * @param allocates allocate calls so far that gave a frame
   * @param failures allocate calls so far that gave none
   * @param madeNs when it was made
   * @param oldestNs when the oldest of its outstanding frames was handed out; null without frames,
   *     and where it was deleted
   */
  public record Row(
      AllocatorSummary allocator,
      boolean deleted,
      int outstanding,
      long limit,
      long allocates,
      long failures,
      long madeNs,
      @Nullable Long oldestNs) {
    /** Whether it has more frames outstanding than its framing allows. */
    public boolean isOverLimit() {
      return limit > 0 && outstanding > limit;
    }
  }

  /**
   * Opens a trace; nothing is read of its events yet.
   *
   * @throws dev.kstrace.traces.MalformedTraceException if the file is no trace
   * @throws IOException if the file cannot be read
   */
  public static TraceWatch open(Path file) throws IOException {
    return new TraceWatch(TraceReader.open(file));
  }

  /**
   * Reads what there is of whole batches, at least one.
   *
   * @param goOn asked every few thousand events: a trace may grow faster than it is read
   * @param progress told how far that is
   * @return whether nothing more was there; else it ended because it was not to go on
   * @throws dev.kstrace.traces.MalformedTraceException if the file is damaged, or shorter than
   *     before
   * @throws IOException if the file cannot be read
   */
  public boolean advance(BooleanSupplier goOn, ReadProgress progress) throws IOException {
    trace.grow();
    while (trace.read(batch)) {
      tracker.accept(batch);
      progress.at(trace.position(), trace.fileBytes());
      if (!goOn.getAsBoolean()) {
        return false;
      }
    }
    return true;
  }

  /** Whether the writer has ended the file and all of it was read. */
  public boolean isComplete() throws IOException {
    return trace.isComplete();
  }

  /** Events read so far. */
  public long events() {
    return tracker.events();
  }

  /** The latest time so far, in ns. */
  public long now() {
    return tracker.lastTime();
  }

  /** The earliest time, in ns. */
  public long start() {
    return tracker.firstTime();
  }

  /** The allocators that were made, in the order of their making. */
  public List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (Allocator allocator : tracker.allocators()) {
      if (allocator.created) {
        rows.add(row(allocator));
      }
    }
    return rows;
  }

  private static Row row(Allocator allocator) {
    return new Row(
        TraceFacts.summary(allocator),
        allocator.deleted,
        allocator.deleted ? allocator.liveAtDelete : allocator.live(Runs.LAYER),
        allocator.framing == null ? 0 : allocator.framing.frameLimit(),
        allocator.allocates,
        allocator.failedAllocates,
        allocator.time,
        allocator.deleted ? null : oldest(allocator.framesIfAny(Runs.LAYER)));
  }

  private static @Nullable Long oldest(@Nullable FrameTable frames) {
    Long oldest = null;
    if (frames != null) {
      int slot = frames.nextInUse(FrameTable.ABSENT);
      for (; slot != FrameTable.ABSENT; slot = frames.nextInUse(slot)) {
        long time = frames.allocateTime(slot);
        if (frames.isLive(slot) && (oldest == null || time < oldest)) {
          oldest = time;
        }
      }
    }
    return oldest;
  }

  @Override
  public void close() throws IOException {
    trace.close();
  }
}
