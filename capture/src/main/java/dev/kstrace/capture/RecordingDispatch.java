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
  private final TraceRecorder recorder;
  private final EventRing ring;
  private final AllocatorDispatch inner;
  private final @Nullable FrameSizer sizer;
  private final boolean exitTimes;

  RecordingDispatch(TraceRecorder recorder, AllocatorDispatch inner, @Nullable FrameSizer sizer) {
    this.recorder = recorder;
    this.ring = recorder.ring();
    this.inner = inner;
    this.sizer = sizer;
    this.exitTimes = recorder.recordsExitTimes();
  }

  @Override
  public int initialize(long pin, Framing framing, ContextOut context) {
    int irql = recorder.irql();
    long entry = recorder.nanos();
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
    int irql = recorder.irql();
    long entry = recorder.nanos();
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
    long exit = exitTimes ? recorder.nanos() : entry;
    long position = recorder.claim(exit);
    if (position < 0) {
      return;
    }
    int slot = begin(position, Op.INITIALIZE, entry, irql);
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
    recorder.publish(position);
  }

  private void allocated(long entry, int irql, long context, long frame, boolean returned) {
    long exit = exitTimes ? recorder.nanos() : entry;
    long size = returned && frame != 0 && sizer != null ? usableBytes(sizer, context, frame) : -1;
    long position = recorder.claim(exit);
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
    recorder.publish(position);
  }

  /** Records a call that takes effect now. */
  private long enter(Op op, long context, long frame) {
    int irql = recorder.irql();
    long entry = recorder.nanos();
    long position = recorder.claim(entry);
    if (position >= 0) {
      int known = op == Op.FREE ? EventBatch.CONTEXT | EventBatch.FRAME : EventBatch.CONTEXT;
      fill(position, op, entry, 0, irql, context, frame, known);
      if (exitTimes) {
        ring.entered(position);
      } else {
        recorder.publish(position);
      }
    }
    return position;
  }

  private void leave(long position, boolean returned) {
    if (exitTimes && position >= 0 && ring.beginReturn(position)) {
      if (returned) {
        setReturn(ring.slot(position), recorder.nanos());
      }
      recorder.publish(position);
    }
  }

  private int begin(long position, Op op, long entry, int irql) {
    int slot = ring.slot(position);
    ring.rows().begin(slot, op.code(), Layer.CALLBACK.code(), entry);
    recorder.setCaller(slot, recorder.thread(), irql);
    return slot;
  }

  private int fill(
      long position, Op op, long entry, long exit, int irql, long context, long frame, int known) {
    int slot = ring.slot(position);
    int thread = recorder.thread();
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
    int irql = recorder.irql();
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
