package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Nanos;

/**
 * The short way for calls of which there is nothing to say: an allocate that makes a frame of a
 * live allocator, and the free of such a frame, at the callback layer and as the framing asks.
 *
 * <p>A call that it takes has the effect on allocator, frames and ranges that {@link Tracker} would
 * give it, and is no suspect; any other it leaves, with all as it was. Nearly all calls of a trace
 * go this way, so it looks at what they need and at nothing else. Not thread-safe.
 */
final class OrdinaryCalls {
  /** Rows that are looked at beforehand: more than a processor fetches records for at once. */
  private static final int AHEAD = 64;

  private final AllocatorTable allocators;
  private final LiveRanges ranges;
  private final FrameHistory history;
  private final TrackerSink sink;

  /** Where the frame of each row ahead was when it was looked for. */
  private final int[] slots = new int[AHEAD];

  /** Whether some frames are too many for the processor to have them close by. */
  private boolean far;

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
    int rows = batch.events().rows();
    int row = from;
    while (row < rows) {
      if (far && row % AHEAD == 0) {
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
   * Looks for the frames of the rows from one to the end of its block, so that the processor
   * fetches their records side by side, and not one when the one before is done.
   */
  private void lookAhead(PreparedBatch batch, int from) {
    EventBatch events = batch.events();
    int to = endOfBlock(from, events.rows());
    for (int row = from; row < to; row++) {
      Allocator owner = batch.kind(row) == 0 ? null : allocators.newest(events.context(row));
      FrameTable frames = owner == null ? null : owner.callbackFrames();
      slots[row % AHEAD] =
          frames != null && frames.isFar() ? frames.find(events.frame(row)) : FrameTable.ABSENT;
    }
  }

  private int takeAhead(PreparedBatch batch, int from, int to, int lossEpoch) {
    EventBatch events = batch.events();
    for (int row = from; row < to; row++) {
      int kind = batch.kind(row);
      Allocator owner = kind == 0 ? null : allocators.newest(events.context(row));
      if (owner == null || (kind & owner.unusual) != 0) {
        return row;
      }
      FrameTable frames = owner.callbackFrames();
      long entry = events.tEntry(row);
      long exit = events.tExit(row);
      if (frames == null || Nanos.between(entry, exit) > owner.slowNs) {
        return row;
      }
      long address = events.frame(row);
      int slot = frames.find(address, far ? slots[row % AHEAD] : FrameTable.ABSENT);
      boolean taken =
          (kind & PreparedBatch.ALLOCATE) != 0
              ? allocate(events, row, owner, frames, slot, address, exit, lossEpoch)
              : free(events, row, owner, frames, slot, lossEpoch);
      if (!taken) {
        return row;
      }
      owner.noteExit(events, row, entry, exit, false);
    }
    return to;
  }

  private boolean allocate(
      EventBatch events,
      int row,
      Allocator allocator,
      FrameTable frames,
      int known,
      long address,
      long exit,
      int lossEpoch) {
    boolean sized = events.has(row, EventBatch.SIZE);
    long size = events.size(row);
    FrameLimits limits = allocator.limits;
    if (limits.isCrossedBy(frames.live() + 1)
        || limits.isMisaligned(address)
        || (sized && limits.isAbove(size))
        || (allocator.kernelFrames && !Suspects.isKernel(address))
        || (known != FrameTable.ABSENT && frames.state(known) != FrameTable.FREED)) {
      return false;
    }
    int slot = known;
    long bytes = limits.rangeBytes(sized, size);
    if (!isInPlace(allocator, frames, slot, bytes)) {
      if (!ranges.place(address, bytes, allocator)) {
        return false;
      }
      if (slot == FrameTable.ABSENT) {
        slot = add(frames, address);
      }
    }
    boolean threadKnown = events.has(row, EventBatch.THREAD);
    boolean doubt = allocator.pinDoubt || allocator.lossEpoch != lossEpoch;
    frames.begin(
        slot,
        history.nextFrameId(),
        events.seq(row),
        exit,
        size,
        events.thread(row),
        lossEpoch,
        FrameTable.PLACED | FrameTable.flags(FrameTable.LIVE, sized, threadKnown, doubt));
    allocator.allocates++;
    frames.countAllocated(lossEpoch);
    if (frames.live() > allocator.peak) {
      allocator.peak = frames.live();
    }
    sink.allocated(events, row, allocator);
    return true;
  }

  /** Whether the place that a frame had before is still its own, and as long as it has to be. */
  private static boolean isInPlace(Allocator allocator, FrameTable frames, int slot, long bytes) {
    return slot != FrameTable.ABSENT
        && frames.isPlaced(slot)
        && allocator.rangeBytes(frames, slot) == bytes;
  }

  private int add(FrameTable frames, long address) {
    int slot = frames.add(address);
    history.added();
    far |= frames.isFar();
    return slot;
  }

  private boolean free(
      EventBatch events, int row, Allocator allocator, FrameTable frames, int slot, int lossEpoch) {
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
