package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Another pass over a trace that was read before, for whoever counts or draws: every row, every
 * call and every frame as plain numbers, in constant memory.
 */
public final class TracePass {
  private TracePass() {}

  /** Takes what a pass finds. Every method does nothing unless overridden. */
  public interface Listener {
    /** A row, in file order, before anything else is told of it. */
    default void row(EventBatch batch, int row) {}

    /**
     * A call: a row that is an initialize, allocate, free or delete.
     *
     * @param allocId number of the allocator that the context means; 0 = none
     * @param live frames of the row's layer that are live after the call; -1 = it changes none
     */
    default void call(EventBatch batch, int row, long allocId, int live) {}

    /**
     * A frame that ends, or that did not end at all: these come last, in the order of their
     * allocates.
     *
     * @param frame valid during this call only
     */
    default void frame(Frame frame) {}
  }

  /** One frame from allocate to free. Reused; not thread-safe. */
  public static final class Frame {
    private FrameTable frames = new FrameTable(0);
    private int slot;
    private @Nullable Allocator allocator;
    private @Nullable EventBatch free;
    private int freeRow;

    private Frame() {}

    /** Number of its allocator, from 1 on. */
    public long allocId() {
      return allocator == null ? 0 : allocator.index + 1L;
    }

    /** Whether it was handed out by the callbacks, not at another layer. */
    public boolean isCallbackLayer() {
      return frames.layer() == Layer.CALLBACK.code();
    }

    /** Its address. */
    public long address() {
      return frames.address(slot);
    }

    /** Bytes that it covers, as far as they are known; 0 = not known. */
    public long bytes() {
      return allocator == null ? 0 : allocator.rangeBytes(frames, slot);
    }

    /** The allocate. */
    public long allocateSeq() {
      return frames.allocateSeq(slot);
    }

    /** Return of the allocate, ns. */
    public long allocateTime() {
      return frames.allocateTime(slot);
    }

    /** Thread of the allocate, unsigned; -1 = not recorded. */
    public long allocateThread() {
      return frames.isThreadKnown(slot) ? Integer.toUnsignedLong(frames.thread(slot)) : -1;
    }

    /** Whether a free ended it. */
    public boolean isFreed() {
      return free != null;
    }

    /** The free; meaningless unless {@link #isFreed}. */
    public long freeSeq() {
      return free == null ? 0 : free.seq(freeRow);
    }

    /** Entry of the free, ns; meaningless unless {@link #isFreed}. */
    public long freeTime() {
      return free == null ? 0 : free.tEntry(freeRow);
    }

    /** Thread of the free, unsigned; -1 = not recorded. */
    public long freeThread() {
      return free != null && free.has(freeRow, EventBatch.THREAD)
          ? Integer.toUnsignedLong(free.thread(freeRow))
          : -1;
    }
  }

  private static final class Sink implements TrackerSink {
    private final Listener listener;
    private final Frame frame = new Frame();

    Sink(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void call(CallFacts call) {
      Allocator allocator = call.allocator;
      listener.call(
          call.batch,
          call.row,
          allocator == null ? 0 : allocator.index + 1L,
          call.liveAfter == call.liveBefore ? -1 : call.liveAfter);
    }

    @Override
    public void frame(
        FrameTable frames, int slot, Allocator allocator, @Nullable EventBatch free, int row) {
      frame.frames = frames;
      frame.slot = slot;
      frame.allocator = allocator;
      frame.free = free;
      frame.freeRow = row;
      listener.frame(frame);
    }
  }

  /**
   * Reads the trace once more.
   *
   * @param progress told how far that is
   * @throws IOException if the file cannot be read any more
   */
  public static void run(TraceFacts facts, Listener listener, ReadProgress progress)
      throws IOException {
    try (TraceReader trace = TraceReader.open(facts.file());
        ReadAhead batches = new ReadAhead(trace)) {
      Tracker tracker = new Tracker(trace.metadata(), new Sink(listener), facts.history());
      for (PreparedBatch batch = batches.next(); batch != null; batch = batches.next()) {
        EventBatch events = batch.events();
        for (int row = 0; row < events.rows(); row++) {
          listener.row(events, row);
        }
        tracker.accept(batch);
        progress.at(trace.position(), trace.fileBytes());
      }
      tracker.finish();
    }
  }
}
