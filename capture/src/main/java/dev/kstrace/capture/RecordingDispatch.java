package dev.kstrace.capture;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import org.jspecify.annotations.Nullable;

/**
 * An allocator with a recorder around it.
 *
 * <p>Initialize and allocate are recorded after they returned, free and delete before they are
 * made: that is where they take effect. What the inner allocator throws passes through untouched;
 * such a call is on record without its return.
 */
final class RecordingDispatch implements AllocatorDispatch {
  private final RecordingPath path;
  private final GuardedEnvironment environment;
  private final EventRing ring;
  private final AllocatorDispatch inner;
  private final @Nullable FrameSizer sizer;
  private final boolean exitTimes;

  RecordingDispatch(RecordingPath path, AllocatorDispatch inner, @Nullable FrameSizer sizer) {
    this.path = path;
    this.environment = path.environment();
    this.ring = path.ring();
    this.inner = inner;
    this.sizer = sizer;
    this.exitTimes = path.recordsExitTimes();
  }

  @Override
  public int initialize(long pin, Framing framing, ContextOut context) {
    int irql = environment.irql();
    long entry = environment.nanos();
    int status = NtStatus.UNSUCCESSFUL;
    boolean returned = false;
    try {
      status = inner.initialize(pin, framing, context);
      returned = true;
    } finally {
      initialized(entry, irql, pin, framing, status, context.value, returned);
    }
    return status;
  }

  @Override
  public void delete(long context) {
    long position = enter(Op.DELETE, context, 0);
    boolean returned = false;
    try {
      inner.delete(context);
      returned = true;
    } finally {
      leave(position, returned);
    }
  }

  @Override
  public long allocate(long context) {
    int irql = environment.irql();
    long entry = environment.nanos();
    long frame = 0;
    boolean returned = false;
    try {
      frame = inner.allocate(context);
      returned = true;
    } finally {
      allocated(entry, irql, context, frame, returned);
    }
    return frame;
  }

  @Override
  public void free(long context, long frame) {
    long position = enter(Op.FREE, context, frame);
    boolean returned = false;
    try {
      inner.free(context, frame);
      returned = true;
    } finally {
      leave(position, returned);
    }
  }

  private void initialized(
      long entry, int irql, long pin, Framing framing, int status, long context, boolean returned) {
    long exit = exitTimes ? environment.nanos() : entry;
    long position = path.claim(exit);
    if (position < 0) {
      return;
    }
    int slot = path.begin(position, Op.INITIALIZE, Layer.CALLBACK, entry, irql);
    RingRows rows = ring.rows();
    rows.setPin(slot, pin);
    rows.setFraming(slot, framing);
    if (returned) {
      rows.setStatus(slot, status);
      rows.setContext(slot, context);
      if (exitTimes) {
        setReturn(slot, exit);
      }
    }
    path.publish(position);
  }

  private void allocated(long entry, int irql, long context, long frame, boolean returned) {
    long exit = exitTimes ? environment.nanos() : entry;
    long size = returned && frame != 0 && sizer != null ? usableBytes(sizer, context, frame) : -1;
    long position = path.claim(exit);
    if (position < 0) {
      return;
    }
    boolean timed = returned && exitTimes;
    int known =
        EventBatch.CONTEXT | (returned ? EventBatch.FRAME : 0) | (timed ? EventBatch.T_EXIT : 0);
    int slot = fill(position, Op.ALLOCATE, entry, exit, irql, context, frame, known);
    if (timed) {
      setIrqlExit(slot);
    }
    if (size >= 0) {
      ring.rows().setSize(slot, size);
    }
    path.publish(position);
  }

  /** Records a call that takes effect now. */
  private long enter(Op op, long context, long frame) {
    int irql = environment.irql();
    long entry = environment.nanos();
    long position = path.claim(entry);
    if (position >= 0) {
      int known = op == Op.FREE ? EventBatch.CONTEXT | EventBatch.FRAME : EventBatch.CONTEXT;
      fill(position, op, entry, 0, irql, context, frame, known);
      if (exitTimes) {
        ring.entered(position);
      } else {
        path.publish(position);
      }
    }
    return position;
  }

  private void leave(long position, boolean returned) {
    if (exitTimes && position >= 0 && ring.beginReturn(position)) {
      if (returned) {
        setReturn(ring.slot(position), environment.nanos());
      }
      path.publish(position);
    }
  }

  private int fill(
      long position, Op op, long entry, long exit, int irql, long context, long frame, int known) {
    int slot = ring.slot(position);
    int thread = environment.thread();
    int all =
        known | (thread == -1 ? 0 : EventBatch.THREAD) | (irql < 0 ? 0 : EventBatch.IRQL_ENTRY);
    ring.rows().setCall(slot, op.code(), entry, exit, thread, irql, context, frame, all);
    return slot;
  }

  private void setReturn(int slot, long exit) {
    ring.rows().setTExit(slot, exit);
    setIrqlExit(slot);
  }

  private void setIrqlExit(int slot) {
    int irql = environment.irql();
    if (irql >= 0) {
      ring.rows().setIrqlExit(slot, irql);
    }
  }

  private static long usableBytes(FrameSizer sizer, long context, long frame) {
    try {
      return sizer.usableBytes(context, frame);
    } catch (RuntimeException e) {
      return -1;
    }
  }
}
