package dev.kstrace.analyze;

import org.jspecify.annotations.Nullable;

/** Turns one pended request into a row of {@code pended_allocations}. */
final class WaiterRows {
  private WaiterRows() {}

  /**
   * The row, one value per column: Long, Boolean, String or null.
   *
   * @param lossEpoch losses of the whole trace
   */
  static @Nullable Object[] row(Waiters.Waiter waiter, int lossEpoch) {
    Allocator allocator = waiter.allocator;
    return new @Nullable Object[] {
      waiter.seq,
      waiter.time,
      CallRows.allocId(allocator.index),
      allocator.pin,
      CallRows.pinId(allocator.pinInstance),
      allocator.context,
      waiter.endedBy,
      waiter.endSeq,
      waiter.unservedFree,
      waiter.unservedFree == null ? null : waiter.unservedNs,
      waiter.endedBy == null ? waiter.lossEpoch != lossEpoch : waiter.doubt
    };
  }
}
