package dev.kstrace.analyze;

import org.jspecify.annotations.Nullable;

/** Turns what is known of an initialize into a row of {@code allocators}. */
final class AllocatorRows {
  private static final int COLUMNS = Tables.ALLOCATORS.columns().size();

  private AllocatorRows() {}

  /**
   * The row, one value per column: Long, Boolean, String or null.
   *
   * @param lossEpoch losses of the whole trace
   */
  static @Nullable Object[] row(Allocator a, int lossEpoch) {
    @Nullable Object[] values = new @Nullable Object[COLUMNS];
    Pin pin = a.pinInstance;
    int i = 0;
    values[i++] = CallRows.allocId(a.index);
    values[i++] = a.seq;
    values[i++] = a.time;
    values[i++] = a.timeExit;
    values[i++] = unsigned(a.thread);
    values[i++] = a.irql == null ? null : Long.valueOf(a.irql);
    values[i++] = a.pin;
    values[i++] = CallRows.pinId(pin);
    values[i++] = pin == null ? null : pin.name;
    values[i++] = pin == null ? null : pin.peerMode;
    values[i++] = a.slab();
    values[i++] = a.context;
    values[i++] = a.status == null ? null : Long.valueOf(a.status);
    values[i++] = a.created;
    for (int member = 0; member < FramingColumns.COUNT; member++) {
      values[i++] = a.framing == null ? null : FramingColumns.value(a.framing, member);
    }
    values[i++] = !a.created ? "failed" : a.deleted ? "deleted" : "live";
    values[i++] = a.deleted ? a.deleteSeq : null;
    values[i++] = a.deleted ? a.deleteTime : null;
    values[i++] = unsigned(a.deleteThread);
    values[i++] = a.allocates;
    values[i++] = a.failedAllocates;
    values[i++] = a.frees;
    values[i++] = (long) a.peak;
    values[i++] = (long) a.liveAtDelete;
    values[i++] = (long) a.surelyLiveAtDelete;
    values[i++] = a.overlapSeq;
    values[i++] = a.liveAtUnload;
    values[i++] = a.lossEpoch != lossEpoch;
    values[i++] = a.deleted && a.lossEpoch != a.deleteLossEpoch;
    values[i++] = a.pinDoubt;
    values[i++] = a.orderDoubt;
    if (i != COLUMNS) {
      throw new IllegalStateException("allocators has " + COLUMNS + " columns, filled " + i);
    }
    return values;
  }

  private static @Nullable Long unsigned(@Nullable Integer value) {
    return value == null ? null : Long.valueOf(Integer.toUnsignedLong(value));
  }
}
