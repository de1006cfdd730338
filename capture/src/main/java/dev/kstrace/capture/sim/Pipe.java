package dev.kstrace.capture.sim;

import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Irql;
import dev.kstrace.traces.PoolType;
import java.util.Arrays;

/**
 * One open allocator as its caller, the class driver, sees it: which frames are out, oldest first,
 * and the calls for getting and returning them, wrong ones included where a fault is due.
 */
final class Pipe {
  private static final long UNUSED_REGION = 0xFFFF_C800_0000_0000L;
  private static final int INTERIOR_BYTES = 64;

  private final DeviceRun run;
  private final SplitMix random;
  private final Framing framing;
  private final long context;
  private final boolean paged;
  private long[] frames;
  private int count;
  private int held;
  private long[] heldFrames = new long[0];
  private long lastFreed;

  /** A frame that begins inside another: no fault of the caller is committed on it. */
  private long overlapping;

  Pipe(DeviceRun run, SplitMix random, Framing framing, long context) {
    this.run = run;
    this.random = random;
    this.framing = framing;
    this.context = context;
    this.paged = framing.isSystemMemory() && PoolType.isPaged(framing.poolType());
    this.frames = new long[framing.frames() + 1];
    run.opened(this);
  }

  static boolean isWithin(long address, long frame, long bytes) {
    return Long.compareUnsigned(address, frame) >= 0
        && Long.compareUnsigned(address, frame + bytes) < 0;
  }

  /** Frames that are out and will come back. */
  int count() {
    return count;
  }

  /** Whether Frames are out, those held for ever included. */
  boolean isFull() {
    return count + held >= framing.frames();
  }

  /** Allocates one more frame; false where there was none to be had. */
  boolean obtain() {
    int irql = level();
    if (run.faults.hasPending()
        && paged
        && run.faults.coin()
        && run.faults.commit(Fault.PAGED_AT_DISPATCH, () -> true)) {
      irql = Irql.DISPATCH_LEVEL;
    }
    run.cpu.setIrql(irql);
    long frame = run.driver.allocate(context);
    run.cpu.setIrql(Irql.PASSIVE_LEVEL);
    if (frame == 0 || has(frame)) {
      return false;
    }
    if (run.faults.hasPending() && run.isInsideLiveFrame(frame, frame)) {
      overlapping = frame;
    }
    if (count == frames.length) {
      frames = Arrays.copyOf(frames, 2 * count);
    }
    frames[count++] = frame;
    return true;
  }

  /** Returns the frame at an index, 0 = the oldest. */
  void giveBack(int index) {
    long frame = frames[index];
    System.arraycopy(frames, index + 1, frames, index, count - index - 1);
    count--;
    if (run.faults.hasPending() && frame != overlapping) {
      giveBackFaulty(frame);
    } else {
      free(frame);
    }
  }

  private void giveBackFaulty(long frame) {
    CallerFaults faults = run.faults;
    long interior = frame + INTERIOR_BYTES;
    if (faults.commit(Fault.SKIP_FREE, () -> true)) {
      hold(frame);
      return;
    }
    if (faults.commit(Fault.FREE_FOREIGN, () -> run.other(this) != null)) {
      Pipe other = run.other(this);
      if (other != null) {
        free(other, frame, level());
      }
    } else if (faults.commit(
        Fault.FREE_INTERIOR,
        () -> bytes(frame) > INTERIOR_BYTES && !run.isInsideLiveFrame(interior, frame))) {
      free(this, interior, level());
    } else if (faults.commit(Fault.FREE_RANDOM, () -> true)) {
      long granules = random.between(1, 1L << 28);
      free(this, UNUSED_REGION + SimulatedPool.GRANULE_BYTES * granules, level());
    } else if (paged && !faults.coin() && faults.commit(Fault.PAGED_AT_DISPATCH, () -> true)) {
      free(this, frame, Irql.DISPATCH_LEVEL);
      lastFreed = frame;
      return;
    } else if (faults.commit(Fault.DOUBLE_FREE, () -> !run.isInsideLiveFrame(frame, frame))) {
      free(frame);
    }
    free(frame);
  }

  /** Keeps one frame for ever, if one is out and the fault is due. */
  void holdIfDue() {
    if (count > 0 && run.faults.commit(Fault.NEVER_RETURN_FRAME, () -> true)) {
      count--;
      hold(frames[count]);
    }
  }

  private void hold(long frame) {
    heldFrames = Arrays.copyOf(heldFrames, held + 1);
    heldFrames[held++] = frame;
    run.leaked(frame, bytes(frame));
  }

  /** Has one frame too many out for a moment, if that is due. */
  void exceedIfDue() {
    if (!run.faults.commit(Fault.EXCEED_FRAMES, () -> true)) {
      return;
    }
    int before = count;
    int attempts = 2 * framing.frames() + 4;
    while (count + held <= framing.frames() && attempts > 0) {
      obtain();
      attempts--;
    }
    if (count + held <= framing.frames()) {
      run.faults.retry(Fault.EXCEED_FRAMES);
    }
    while (count > Math.max(before, 1) || count + held > framing.frames()) {
      count--;
      free(frames[count]);
    }
  }

  /** Deletes the allocator, unless that is to be forgotten. */
  void delete() {
    run.closed(this);
    if (run.faults.hasPending() && run.faults.commit(Fault.NEVER_DELETE, () -> held == 0)) {
      return;
    }
    run.driver.delete(context);
    if (run.faults.hasPending() && run.faults.commit(Fault.USE_AFTER_DELETE, () -> true)) {
      useAfterDelete();
    }
  }

  private void useAfterDelete() {
    if (run.faults.coin() || lastFreed == 0 || run.isInsideLiveFrame(lastFreed, 0)) {
      run.driver.allocate(context);
    } else {
      run.driver.free(context, lastFreed);
    }
  }

  boolean isInsideFrame(long address, long except) {
    for (int i = 0; i < count; i++) {
      if (frames[i] != except && isWithin(address, frames[i], bytes(frames[i]))) {
        return true;
      }
    }
    return false;
  }

  private long bytes(long frame) {
    return Math.max(run.allocator.usableBytes(context, frame), framing.frameBytes());
  }

  private boolean has(long frame) {
    for (int i = 0; i < count; i++) {
      if (frames[i] == frame) {
        return true;
      }
    }
    for (int i = 0; i < held; i++) {
      if (heldFrames[i] == frame) {
        return true;
      }
    }
    return false;
  }

  private void free(long frame) {
    free(this, frame, level());
    lastFreed = frame;
  }

  private void free(Pipe through, long frame, int irql) {
    int allowed = through.paged ? Math.min(irql, Irql.APC_LEVEL) : irql;
    run.cpu.setIrql(through == this ? irql : allowed);
    run.driver.free(through.context, frame);
    run.cpu.setIrql(Irql.PASSIVE_LEVEL);
  }

  /** A third of the calls come at the highest level that the memory allows. */
  private int level() {
    if (!random.oneIn(3)) {
      return Irql.PASSIVE_LEVEL;
    }
    return paged ? Irql.APC_LEVEL : Irql.DISPATCH_LEVEL;
  }
}
