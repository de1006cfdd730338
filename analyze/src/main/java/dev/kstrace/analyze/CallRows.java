package dev.kstrace.analyze;

import dev.kstrace.analyze.CallFacts.AllocatorState;
import dev.kstrace.analyze.CallFacts.FrameState;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Nanos;
import org.jspecify.annotations.Nullable;

/** Turns one call's facts into a row of {@code calls}. */
final class CallRows {
  private static final int COLUMNS = Tables.CALLS.columns().size();

  private CallRows() {}

  /** The row, one value per column: Long, Boolean or null. */
  static @Nullable Object[] row(CallFacts call) {
    EventBatch batch = call.batch;
    int row = call.row;
    Allocator allocator = call.allocator;
    boolean exit = batch.has(row, EventBatch.T_EXIT);
    @Nullable Object[] values = new @Nullable Object[COLUMNS];
    int i = 0;
    values[i++] = batch.seq(row);
    values[i++] = (long) batch.op(row);
    values[i++] = (long) batch.layer(row);
    values[i++] = batch.tEntry(row);
    values[i++] = exit ? batch.tExit(row) : null;
    values[i++] = exit ? Nanos.between(batch.tEntry(row), batch.tExit(row)) : null;
    values[i++] =
        batch.has(row, EventBatch.THREAD) ? Integer.toUnsignedLong(batch.thread(row)) : null;
    values[i++] = batch.has(row, EventBatch.IRQL_ENTRY) ? (long) batch.irqlEntry(row) : null;
    values[i++] = batch.has(row, EventBatch.IRQL_EXIT) ? (long) batch.irqlExit(row) : null;
    values[i++] = allocator == null ? null : allocator.pin;
    values[i++] = allocator == null ? null : pinId(allocator.pinInstance);
    values[i++] =
        allocator == null || allocator.pinInstance == null ? null : allocator.pinInstance.state;
    values[i++] = batch.has(row, EventBatch.CONTEXT) ? batch.context(row) : null;
    values[i++] = allocator == null ? null : allocId(allocator.index);
    values[i++] = call.allocatorState == AllocatorState.UNKNOWN ? null : call.allocatorState.code;
    values[i++] = batch.has(row, EventBatch.FRAME) ? batch.frame(row) : null;
    values[i++] = call.frameId == 0 ? null : call.frameId;
    values[i++] = call.generation == 0 ? null : (long) call.generation;
    values[i++] = call.frameState == FrameState.UNKNOWN ? null : call.frameState.code;
    values[i++] = batch.has(row, EventBatch.SIZE) ? batch.size(row) : null;
    values[i++] = batch.has(row, EventBatch.STATUS) ? (long) batch.status(row) : null;
    values[i++] = call.relatedSeq();
    values[i++] = call.otherAllocator < 0 ? null : allocId(call.otherAllocator);
    values[i++] = call.baseFrame;
    values[i++] = (long) call.liveBefore;
    values[i++] = (long) call.liveAfter;
    values[i++] = (long) call.surelyLiveAfter;
    values[i++] = call.doubt;
    values[i++] = call.allocatorDoubt;
    values[i++] = call.overlapsDelete;
    values[i++] = batch.framing(row) != null;
    if (i != COLUMNS) {
      throw new IllegalStateException("calls has " + COLUMNS + " columns, filled " + i);
    }
    return values;
  }

  /** The public number of an allocator. */
  static Long allocId(int index) {
    return index + 1L;
  }

  /** The public number of a pin instance; null without one. */
  static @Nullable Long pinId(@Nullable Pin pin) {
    return pin == null ? null : pin.index + 1L;
  }
}
