package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import org.jspecify.annotations.Nullable;

/**
 * The short way for calls of which there is nothing to say: an allocate that makes a frame of a
 * live allocator, and the free of such a frame, at the callback layer and as the framing asks.
 *
 * <p>A call that it takes has the effect on allocator, frames and ranges that {@link Tracker} would
 * give it, and is no suspect; any other it leaves, with all as it was. Nearly all calls of a trace
 * go this way, so it looks at what they need and at nothing else. Not thread-safe.
 */
final class OrdinaryCalls {
  private static final int CALLBACK = Layer.CALLBACK.code();

  /** Rows that are looked at beforehand: more than a processor fetches records for at once. */
  private static final int AHEAD = 64;

  private static final int NONE = -1;

  private final AllocatorTable allocators;
  private final LiveRanges ranges;
  private final FrameHistory history;
  private final TrackerSink sink;

  /** The index of the allocator of each row ahead, as it was when there were so many. */
  private final int[] newest = new int[AHEAD];

  private int allocatorsThen;

  /** Where the frame of each row ahead was then. */
  private final int[] slots = new int[AHEAD];

  /**
   * The short way of a tracker; the rows of a batch are to be offered from the first to the last.
   *
   * @param ranges of the frames of the callback layer
   */
  OrdinaryCalls(
      AllocatorTable allocators, LiveRanges ranges, FrameHistory history, TrackerSink sink) {
    this.allocators = allocators;
    this.ranges = ranges;
    this.history = history;
    this.sink = sink;
  }

  /**
   * Looks at the allocators and frames of some rows to come, so that the processor fetches their
   * records side by side, and not one when the one before is done.
   */
  private void lookAhead(PreparedBatch batch, int from) {
    EventBatch events = batch.events();
    allocatorsThen = allocators.all().size();
    int to = Math.min(from + AHEAD, events.rows());
    for (int row = from; row < to; row++) {
      int index = batch.kind(row) == 0 ? NONE : allocators.newest(events.context(row));
      newest[row - from] = index;
      if (index != NONE) {
        FrameTable frames = allocators.all().get(index).framesIfAny(CALLBACK);
        slots[row - from] = frames == null ? FrameTable.ABSENT : frames.find(events.frame(row));
      }
    }
  }

  /** Takes a call; its allocator, or null where the tracker has to look at it. */
  @Nullable Allocator take(PreparedBatch batch, int row, int lossEpoch) {
    if (row % AHEAD == 0) {
      lookAhead(batch, row);
    }
    int kind = batch.kind(row);
    if (kind == 0) {
      return null;
    }
    EventBatch events = batch.events();
    boolean stale = allocators.all().size() != allocatorsThen;
    int index = stale ? allocators.newest(events.context(row)) : newest[row % AHEAD];
    if (index == NONE) {
      return null;
    }
    Allocator allocator = allocators.all().get(index);
    if (allocator.deleted
        || allocator.late != null
        || ((kind & PreparedBatch.RAISED) != 0 && allocator.limits.isPaged())
        || events.tExit(row) - events.tEntry(row) > allocator.slowNs) {
      return null;
    }
    boolean taken =
        (kind & PreparedBatch.ALLOCATE) != 0
            ? allocate(events, row, allocator, lossEpoch)
            : free(events, row, allocator, lossEpoch);
    if (!taken) {
      return null;
    }
    allocator.noteExit(events, row, false);
    return allocator;
  }

  private boolean allocate(EventBatch events, int row, Allocator allocator, int lossEpoch) {
    long address = events.frame(row);
    boolean sized = events.has(row, EventBatch.SIZE);
    long size = events.size(row);
    FrameLimits limits = allocator.limits;
    if (limits.isCrossedBy(allocator.live(CALLBACK) + 1)
        || limits.isMisaligned(address)
        || (sized && limits.isAbove(size))
        || (allocator.kernelFrames && !Suspects.isKernel(address))) {
      return false;
    }
    FrameTable frames = allocator.frames(CALLBACK);
    int slot = frames.find(address, slots[row % AHEAD]);
    if (slot != FrameTable.ABSENT && frames.state(slot) != FrameTable.FREED) {
      return false;
    }
    long bytes = limits.rangeBytes(sized, size);
    boolean inPlace =
        slot != FrameTable.ABSENT
            && frames.isPlaced(slot)
            && allocator.rangeBytes(frames, slot) == bytes;
    if (!inPlace && !ranges.place(address, bytes, allocator)) {
      return false;
    }
    if (slot == FrameTable.ABSENT) {
      slot = frames.add(address);
      history.added();
    }
    boolean threadKnown = events.has(row, EventBatch.THREAD);
    boolean doubt = allocator.pinDoubt || allocator.lossEpoch != lossEpoch;
    frames.begin(
        slot,
        history.nextFrameId(),
        events.seq(row),
        events.tExit(row),
        size,
        events.thread(row),
        lossEpoch,
        FrameTable.flags(FrameTable.LIVE, sized, threadKnown, doubt));
    frames.setPlaced(slot, true);
    allocator.allocates++;
    allocator.frameAllocated(CALLBACK, lossEpoch);
    sink.allocated(events, row, allocator);
    return true;
  }

  private boolean free(EventBatch events, int row, Allocator allocator, int lossEpoch) {
    FrameTable frames = allocator.frames(CALLBACK);
    int slot = frames.find(events.frame(row), slots[row % AHEAD]);
    if (!frames.isLive(slot)) {
      return false;
    }
    allocator.frees++;
    frames.setState(slot, FrameTable.FREED);
    allocator.frameFreed(CALLBACK, lossEpoch, frames.lossEpoch(slot) == lossEpoch);
    sink.frame(frames, slot, allocator, events, row);
    frames.setFree(slot, events.seq(row), lossEpoch);
    return true;
  }
}
