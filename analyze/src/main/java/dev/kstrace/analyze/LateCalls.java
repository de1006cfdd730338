package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Op;
import org.jspecify.annotations.Nullable;

/** The calls of an allocator that were entered after its pin's close had returned. */
final class LateCalls {
  /** The pin_close. */
  final long closeSeq;

  /** Pins that were open when it came. */
  final int openPins;

  /** The first successful allocate; null = none. */
  @Nullable Long allocateSeq;

  /** The first call of any kind; null = none. */
  @Nullable Long firstSeq;

  long calls;

  private final @Nullable Long closeReturn;

  LateCalls(long closeSeq, @Nullable Long closeReturn, int openPins) {
    this.closeSeq = closeSeq;
    this.closeReturn = closeReturn;
    this.openPins = openPins;
  }

  /** Takes a callback-layer call on the allocator, which is not deleted. */
  void add(EventBatch batch, int row) {
    if (closeReturn == null || batch.tEntry(row) <= closeReturn) {
      return;
    }
    calls++;
    firstSeq = firstSeq == null ? Long.valueOf(batch.seq(row)) : firstSeq;
    boolean made =
        batch.op(row) == Op.ALLOCATE.code()
            && batch.has(row, EventBatch.FRAME)
            && batch.frame(row) != 0;
    if (made && allocateSeq == null) {
      allocateSeq = batch.seq(row);
    }
  }
}
