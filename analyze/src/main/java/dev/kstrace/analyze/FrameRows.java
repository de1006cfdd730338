package dev.kstrace.analyze;

import org.jspecify.annotations.Nullable;

/** Turns one slot of the frame table into a row of {@code frames}. */
final class FrameRows {
  private static final int COLUMNS = Tables.FRAMES.columns().size();

  private FrameRows() {}

  /**
   * The row, one value per column: Long, Boolean, String or null.
   *
   * @param lossEpoch losses seen so far
   */
  static @Nullable Object[] row(FrameTable frames, int slot, Allocator allocator, int lossEpoch) {
    boolean freed = frames.state[slot] == FrameTable.FREED;
    @Nullable Object[] values = new @Nullable Object[COLUMNS];
    int i = 0;
    values[i++] = frames.frameId[slot];
    values[i++] = CallRows.allocId(allocator.index);
    values[i++] = (long) frames.layer[slot];
    values[i++] = (long) frames.generation[slot];
    values[i++] = allocator.pin;
    values[i++] = CallRows.pinId(allocator.pinInstance);
    values[i++] = allocator.context;
    values[i++] = frames.address[slot];
    values[i++] = frames.sizeKnown[slot] ? frames.size[slot] : null;
    values[i++] = frames.bytes[slot] == 0 ? null : frames.bytes[slot];
    values[i++] = frames.allocateSeq[slot];
    values[i++] = frames.allocateTime[slot];
    values[i++] =
        frames.allocateThreadKnown[slot]
            ? Integer.toUnsignedLong(frames.allocateThread[slot])
            : null;
    values[i++] = freed ? frames.freeSeq[slot] : null;
    values[i++] = freed ? frames.freeTime[slot] : null;
    values[i++] =
        freed && frames.freeThreadKnown[slot]
            ? Integer.toUnsignedLong(frames.freeThread[slot])
            : null;
    values[i++] = freed ? frames.freeTime[slot] - frames.allocateTime[slot] : null;
    values[i++] = freed ? "freed" : frames.state[slot] == FrameTable.ORPHANED ? "orphaned" : "live";
    values[i++] = allocator.slab();
    values[i++] = frames.lossEpoch[slot] != lossEpoch;
    values[i++] = frames.allocatorDoubt[slot];
    if (i != COLUMNS) {
      throw new IllegalStateException("frames has " + COLUMNS + " columns, filled " + i);
    }
    return values;
  }
}
