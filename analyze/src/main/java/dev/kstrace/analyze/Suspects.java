package dev.kstrace.analyze;

import dev.kstrace.analyze.CallFacts.AllocatorState;
import dev.kstrace.analyze.CallFacts.FrameState;
import dev.kstrace.analyze.TrackerSink.PinStep;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Irql;
import dev.kstrace.traces.KsFlags;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.PoolType;
import org.jspecify.annotations.Nullable;

/**
 * Which calls, allocators and steps are not wholly ordinary: wide enough that no rule misses one,
 * narrow enough that a clean trace has hardly any.
 */
final class Suspects {
  private Suspects() {}

  /** Whether a rule could have something to say of a call. */
  static boolean isSuspect(CallFacts call) {
    if (call.scene) {
      return false;
    }
    EventBatch batch = call.batch;
    int row = call.row;
    int op = batch.op(row);
    boolean irqlChanged =
        batch.has(row, EventBatch.IRQL_ENTRY | EventBatch.IRQL_EXIT)
            && batch.irqlEntry(row) != batch.irqlExit(row);
    Allocator allocator = call.allocator;
    Framing framing = allocator == null ? null : allocator.framing;
    boolean odd =
        irqlChanged
            || (batch.has(row, EventBatch.IRQL_ENTRY) && oddIrql(batch.irqlEntry(row), framing));
    if (op == Op.INITIALIZE.code()) {
      return odd || batch.framing(row) == null;
    }
    if (odd || (batch.has(row, EventBatch.STATUS) && oddStatus(batch, row))) {
      return true;
    }
    if (call.allocatorState != AllocatorState.LIVE) {
      return call.allocatorState != AllocatorState.UNKNOWN;
    }
    return op == Op.ALLOCATE.code()
        ? oddAllocate(call, framing)
        : op == Op.FREE.code() && oddFree(call);
  }

  private static boolean oddStatus(EventBatch batch, int row) {
    return batch.layer(row) == Layer.CALLBACK.code()
        || (batch.status(row) != 0 && batch.has(row, EventBatch.FRAME) && batch.frame(row) != 0);
  }

  private static boolean oddIrql(int irql, @Nullable Framing framing) {
    return irql > Irql.DISPATCH_LEVEL
        || (irql > Irql.APC_LEVEL && framing != null && PoolType.isPaged(framing.poolType()));
  }

  private static boolean oddAllocate(CallFacts call, @Nullable Framing framing) {
    FrameState state = call.frameState;
    if (state == FrameState.NULL || state == FrameState.UNKNOWN) {
      return false;
    }
    if (state != FrameState.FRESH && state != FrameState.FREED) {
      return true;
    }
    if (framing == null) {
      return false;
    }
    EventBatch batch = call.batch;
    int row = call.row;
    boolean crossing = framing.frameLimit() != 0 && call.liveAfter == framing.frameLimit() + 1;
    boolean shorter =
        batch.has(row, EventBatch.SIZE)
            && Long.compareUnsigned(batch.size(row), framing.frameBytes()) < 0;
    return crossing || shorter || !framing.isAligned(batch.frame(row));
  }

  private static boolean oddFree(CallFacts call) {
    return call.frameState != FrameState.LIVE && call.frameState != FrameState.UNKNOWN;
  }

  /** Whether a rule could have something to say of an allocator. */
  static boolean isSuspect(Allocator a) {
    boolean oddStatus =
        a.status != null
            && a.status != NtStatus.SUCCESS
            && (NtStatus.isSuccess(a.status) || NtStatus.isWarning(a.status));
    if (!a.created) {
      return oddStatus;
    }
    boolean oddEnd = !a.deleted || a.liveAtUnload || a.liveAtDelete > 0 || a.overlapSeq != null;
    boolean userPeer = a.pinInstance != null && "user".equals(a.pinInstance.peerMode);
    return oddStatus || oddEnd || userPeer || (a.framing != null && isSuspect(a.framing));
  }

  private static boolean isSuspect(Framing framing) {
    boolean oddAlignment = !framing.isTwoDimensional() && !framing.hasAlignmentMask();
    return oddAlignment
        || framing.reserved() != 0
        || (framing.optionsFlags() & ~KsFlags.OPTIONF_VALID) != 0
        || Integer.compareUnsigned(framing.poolType(), PoolType.PAGED_POOL) > 0;
  }

  /** Whether a rule could have something to say of a pin_state. */
  static boolean isSuspect(PinStep step) {
    Long from = step.from();
    Long to = step.to();
    Pin pin = step.pin();
    if (from == null || to == null || pin == null || !pin.isStandardTransport()) {
      return false;
    }
    boolean refusedBefore = from.equals(step.previousFrom());
    return Math.abs(to - from) != 1 || !(from.equals(step.previousTo()) || refusedBefore);
  }
}
