package dev.kstrace.analyze;

import dev.kstrace.analyze.CallFacts.AllocatorState;
import dev.kstrace.analyze.CallFacts.FrameState;
import dev.kstrace.analyze.TrackerSink.PinStep;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Irql;
import dev.kstrace.traces.KsFlags;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Nanos;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.PoolType;

/**
 * Which calls, allocators and steps are not wholly ordinary: wide enough that no rule misses one,
 * narrow enough that a clean trace has hardly any.
 */
final class Suspects {
  /** A call outside RUN that takes longer is worth a look, in ns. */
  static final long SLOW_NS = 100_000_000;

  /** Allocates in a STOP that lasts longer are worth a look, in ns. */
  private static final long LONG_STOP_NS = 100_000_000;

  /** A time in RUN with fewer frees has no rhythm that something could break. */
  private static final int FEW = 8;

  private static final long HELD_NS = 250_000_000;
  private static final long FULL_NS = 100_000_000;
  private static final long LONG_RUN_NS = 5_000_000_000L;
  private static final int GROWTH = 2;
  private static final int PAGE_MASK = 0xFFF;
  private static final long KERNEL_HALF = 0x1FFFFL;

  private Suspects() {}

  /** Whether an address lies in the kernel's half of the x64 address space. */
  static boolean isKernel(long address) {
    return address >>> 47 == KERNEL_HALF;
  }

  /** Whether an x64 processor takes a value for an address at all. */
  static boolean isCanonical(long address) {
    return address >>> 47 == 0 || isKernel(address);
  }

  /** Whether a rule could have something to say of a call. */
  static boolean isSuspect(CallFacts call) {
    if (call.scene) {
      return false;
    }
    EventBatch batch = call.batch;
    int row = call.row;
    int op = batch.op(row);
    Allocator allocator = call.allocator;
    boolean paged = allocator != null && allocator.limits.isPaged();
    if (oddLevel(batch, row, op, paged) || (allocator != null && slow(batch, row, allocator))) {
      return true;
    }
    if (op == Op.INITIALIZE.code()) {
      return batch.framing(row) == null;
    }
    if (batch.has(row, EventBatch.STATUS) && oddStatus(batch, row)) {
      return true;
    }
    if (allocator == null || call.allocatorState != AllocatorState.LIVE) {
      return call.allocatorState != AllocatorState.UNKNOWN;
    }
    return op == Op.ALLOCATE.code()
        ? oddAllocate(call, allocator)
        : op == Op.FREE.code() && oddFree(call);
  }

  private static boolean oddLevel(EventBatch batch, int row, int op, boolean paged) {
    if (!batch.has(row, EventBatch.IRQL_ENTRY)) {
      return false;
    }
    int irql = batch.irqlEntry(row);
    boolean lifecycle = op == Op.INITIALIZE.code() || op == Op.DELETE.code();
    return (batch.has(row, EventBatch.IRQL_EXIT) && irql != batch.irqlExit(row))
        || (lifecycle && irql > Irql.PASSIVE_LEVEL)
        || irql > Irql.DISPATCH_LEVEL
        || (irql > Irql.APC_LEVEL && paged);
  }

  private static boolean slow(EventBatch batch, int row, Allocator allocator) {
    return batch.has(row, EventBatch.T_EXIT)
        && Nanos.between(batch.tEntry(row), batch.tExit(row)) > allocator.slowNs;
  }

  private static boolean oddStatus(EventBatch batch, int row) {
    return batch.layer(row) == Layer.CALLBACK.code()
        || (batch.status(row) != 0 && batch.has(row, EventBatch.FRAME) && batch.frame(row) != 0);
  }

  private static boolean oddAllocate(CallFacts call, Allocator allocator) {
    FrameState state = call.frameState;
    if (state == FrameState.NULL || state == FrameState.UNKNOWN) {
      return false;
    }
    if (state != FrameState.FRESH && state != FrameState.FREED) {
      return true;
    }
    EventBatch batch = call.batch;
    int row = call.row;
    FrameLimits limits = allocator.limits;
    return limits.isCrossedBy(call.liveAfter)
        || (batch.has(row, EventBatch.SIZE) && limits.isAbove(batch.size(row)))
        || limits.isMisaligned(batch.frame(row))
        || (allocator.kernelFrames && !isKernel(batch.frame(row)));
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
    boolean oddContext = (a.context != null && a.context == 0) || a.sharedSeq != null;
    boolean oddCalls =
        a.concurrentSeq != null
            || a.idleNs >= LONG_STOP_NS
            || a.failures.longestRow > 0
            || (a.late != null && a.late.calls > 0);
    return oddStatus
        || oddEnd
        || oddContext
        || oddCalls
        || (a.pinInstance != null && isOddPlace(a, a.pinInstance))
        || (a.framing != null && isSuspect(a.framing));
  }

  private static boolean isOddPlace(Allocator a, Pin pin) {
    return "user".equals(pin.peerMode)
        || Boolean.FALSE.equals(pin.hasDispatch)
        || Boolean.TRUE.equals(pin.injection)
        || Boolean.FALSE.equals(pin.standardTransport())
        || pin.predecessor != null
        || (a.asked != null && a.framing != null && !Wishes.areMet(a.asked, a.framing));
  }

  private static boolean isSuspect(Framing framing) {
    boolean oddAlignment =
        !framing.isTwoDimensional()
            && (!framing.hasAlignmentMask() || (framing.fileAlignment() & ~PAGE_MASK) != 0);
    return oddAlignment
        || framing.frameSize() == 0
        || framing.reserved() != 0
        || (framing.optionsFlags() & ~KsFlags.OPTIONF_VALID) != 0
        || Integer.compareUnsigned(framing.poolType(), PoolType.PAGED_POOL) > 0;
  }

  /** Whether a rule could have something to say of a pin. */
  static boolean isSuspect(Pin pin) {
    boolean unserved =
        pin.runSeq != null
            && !pin.served
            && Boolean.TRUE.equals(pin.hasDispatch)
            && !"user".equals(pin.peerMode);
    boolean incomplete = pin.dispatchMissing != null && !pin.dispatchMissing.isEmpty();
    return unserved || incomplete || "default".equals(pin.allocatorKind);
  }

  /** Whether a rule could have something to say of what a pin asks for. */
  static boolean isSuspect(PinFraming framing) {
    return framing.previousSeq() != null || !Wishes.areOrdinary(framing.framing());
  }

  /** Whether a rule could have something to say of a time in RUN. */
  static boolean isSuspect(Run run) {
    boolean rhythm = run.frees >= FEW;
    if (rhythm && run.liveAtStop > 0) {
      return true;
    }
    boolean held = rhythm && run.heldNs >= HELD_NS && run.heldNs >= 5 * run.periodNs;
    boolean full =
        run.freesBeforeFull >= FEW && run.fullNs >= FULL_NS && run.fullNs >= 2 * run.periodNs;
    boolean isLong = run.lengthNs() >= LONG_RUN_NS;
    boolean growing = isLong && run.windows.rise() >= GROWTH;
    long pairs = Math.min(run.allocates, run.frees);
    boolean churning = isLong && run.periodNs > 0 && pairs >= run.lengthNs() / run.periodNs / 4;
    return held || full || growing || churning;
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
    // A detail may claim any number: their difference may be none.
    boolean single = from < to ? to - 1 == from : from - 1 == to;
    return !single || !(from.equals(step.previousTo()) || refusedBefore);
  }
}
