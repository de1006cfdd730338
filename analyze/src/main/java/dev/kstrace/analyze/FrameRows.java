package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import org.jspecify.annotations.Nullable;

/** Turns one slot of the frame table into a row of {@code frames}. */
final class FrameRows {
  private static final int COLUMNS = Tables.FRAMES.columns().size();

  private FrameRows() {}

  /**
   * The row, one value per column: Long, Boolean, String or null.
   *
   * @param batch the batch with the call that freed it; null = none did
   * @param row the row of that call
   * @param lossEpoch losses seen so far
   */
  static @Nullable Object[] row(
      FrameTable frames,
      int slot,
      Allocator allocator,
      @Nullable EventBatch batch,
      int row,
      int lossEpoch) {
    long bytes = allocator.rangeBytes(frames, slot);
    @Nullable Object[] values = new @Nullable Object[COLUMNS];
    int i = 0;
    values[i++] = frames.frameId(slot);
    values[i++] = CallRows.allocId(allocator.index);
    values[i++] = (long) frames.layer();
    values[i++] = (long) frames.generation(slot);
    values[i++] = allocator.pin;
    values[i++] = CallRows.pinId(allocator.pinInstance);
    values[i++] = allocator.context;
    values[i++] = frames.address(slot);
    values[i++] = frames.isSizeKnown(slot) ? frames.size(slot) : null;
    values[i++] = bytes == 0 ? null : bytes;
    values[i++] = frames.allocateSeq(slot);
    values[i++] = frames.allocateTime(slot);
    values[i++] = frames.isThreadKnown(slot) ? Integer.toUnsignedLong(frames.thread(slot)) : null;
    values[i++] = batch == null ? null : batch.seq(row);
    values[i++] = batch == null ? null : batch.tEntry(row);
    values[i++] =
        batch != null && batch.has(row, EventBatch.THREAD)
            ? Integer.toUnsignedLong(batch.thread(row))
            : null;
    values[i++] = batch == null ? null : batch.tEntry(row) - frames.allocateTime(slot);
    values[i++] =
        batch != null ? "freed" : frames.state(slot) == FrameTable.ORPHANED ? "orphaned" : "live";
    values[i++] = allocator.slab();
    values[i++] = frames.lossEpoch(slot) != lossEpoch;
    values[i++] = frames.allocatorDoubt(slot);
    if (i != COLUMNS) {
      throw new IllegalStateException("frames has " + COLUMNS + " columns, filled " + i);
    }
    return values;
  }
}
