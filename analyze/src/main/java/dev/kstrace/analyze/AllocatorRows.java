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
    values[i++] = pin == null ? null : pin.hasDispatch;
    values[i++] = pin == null ? null : pin.standardTransport();
    values[i++] = pin == null ? null : pin.injection;
    values[i++] = pin == null ? null : pin.dataFlow;
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
    values[i++] = a.sharedSeq;
    values[i++] = a.sharedDoubt;
    values[i++] = a.asked == null ? null : a.asked.seq();
    values[i++] = (a.asked == null || a.framing == null) ? null : Wishes.areMet(a.asked, a.framing);
    values[i++] = closedBefore(a);
    values[i++] = a.concurrentSeq;
    values[i++] = a.concurrentSeq == null ? null : a.concurrentWith;
    LateCalls late = a.late;
    values[i++] = late == null ? null : late.closeSeq;
    values[i++] = late == null ? null : (long) late.openPins;
    values[i++] = late == null ? null : late.firstSeq;
    values[i++] = late == null ? null : late.allocateSeq;
    values[i++] = late == null ? null : late.calls;
    boolean steps = pin != null && pin.steps > 0;
    values[i++] = steps ? a.idleAllocate : null;
    values[i++] = steps && a.idleAllocate != null ? a.idleNs : null;
    values[i++] = a.failures.firstSeq;
    values[i++] = a.failures.belowLimit;
    values[i++] = a.failures.longestRow == 0 ? null : a.failures.longestRowSeq;
    values[i++] = a.failures.longestRow;
    values[i++] = a.failures.longestRowNs;
    if (i != COLUMNS) {
      throw new IllegalStateException("allocators has " + COLUMNS + " columns, filled " + i);
    }
    return values;
  }

  /** The pin_close that had returned for good when the initialize was entered; null = none. */
  private static @Nullable Long closedBefore(Allocator a) {
    Pin closed = a.pinInstance == null ? null : a.pinInstance.predecessor;
    return closed == null || closed.closeReturn == null || closed.closeReturn > a.time
        ? null
        : closed.closeSeq;
  }

  private static @Nullable Long unsigned(@Nullable Integer value) {
    return value == null ? null : Long.valueOf(Integer.toUnsignedLong(value));
  }
}
