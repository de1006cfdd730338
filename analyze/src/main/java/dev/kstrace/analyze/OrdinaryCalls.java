package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Nanos;
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

  private final AllocatorTable allocators;
  private final LiveRanges ranges;
  private final FrameHistory history;
  private final TrackerSink sink;

  /** The allocator of each row ahead, null where the row is none for the short way. */
  private final @Nullable Allocator[] owners = new @Nullable Allocator[AHEAD];

  /** Where the frame of each row ahead was when it was looked for. */
  private final int[] slots = new int[AHEAD];

  /** How many allocators there were when the rows ahead were looked at. */
  private int allocatorsThen;

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
   * Takes the calls from a row on, up to the first that the tracker has to look at.
   *
   * @return the row of that one; the number of rows if all are taken
   */
  int take(PreparedBatch batch, int from, int lossEpoch) {
    if (allocators.all().size() != allocatorsThen && from % AHEAD != 0) {
      lookAhead(batch, from);
    }
    int rows = batch.events().rows();
    int row = from;
    while (row < rows) {
      if (row % AHEAD == 0) {
        lookAhead(batch, row);
      }
      int end = endOfBlock(row, rows);
      row = takeAhead(batch, row, end, lossEpoch);
      if (row < end) {
        return row;
      }
    }
    return rows;
  }

  private static int endOfBlock(int row, int rows) {
    return Math.min(row - row % AHEAD + AHEAD, rows);
  }

  /**
   * Looks at the allocators and frames of the rows from one to the end of its block, so that the
   * processor fetches their records side by side, and not one when the one before is done.
   */
  private void lookAhead(PreparedBatch batch, int from) {
    EventBatch events = batch.events();
    allocatorsThen = allocators.all().size();
    int to = endOfBlock(from, events.rows());
    for (int row = from; row < to; row++) {
      int ahead = row % AHEAD;
      Allocator owner = batch.kind(row) == 0 ? null : allocators.newest(events.context(row));
      owners[ahead] = owner;
      if (owner != null) {
        FrameTable frames = owner.framesIfAny(CALLBACK);
        slots[ahead] =
            frames != null && frames.isFar() ? frames.find(events.frame(row)) : FrameTable.ABSENT;
      }
    }
  }

  private int takeAhead(PreparedBatch batch, int from, int to, int lossEpoch) {
    EventBatch events = batch.events();
    for (int row = from; row < to; row++) {
      Allocator owner = owners[row % AHEAD];
      int kind = batch.kind(row);
      if (owner == null
          || (kind & owner.unusual) != 0
          || Nanos.between(events.tEntry(row), events.tExit(row)) > owner.slowNs) {
        return row;
      }
      boolean taken =
          (kind & PreparedBatch.ALLOCATE) != 0
              ? allocate(events, row, owner, lossEpoch)
              : free(events, row, owner, lossEpoch);
      if (!taken) {
        return row;
      }
      owner.noteExit(events, row, false);
    }
    return to;
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
        FrameTable.PLACED | FrameTable.flags(FrameTable.LIVE, sized, threadKnown, doubt));
    allocator.allocates++;
    frames.countAllocated(lossEpoch);
    allocator.peak = Math.max(allocator.peak, frames.live());
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
    frames.countFreed(lossEpoch, frames.lossEpoch(slot) == lossEpoch);
    sink.freed(frames, slot, allocator, events, row);
    frames.setFree(slot, events.seq(row), lossEpoch);
    return true;
  }
}
