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
 * <p>Initialize and allocate are recorded after they returned, free and delete before they are made:
 * that is where they take effect. What the inner allocator throws passes through untouched; such a
 * call is on record without its return.
 */
final class RecordingDispatch implements AllocatorDispatch {
  private final TraceRecorder recorder;
  private final EventRing ring;
  private final AllocatorDispatch inner;
  private final @Nullable FrameSizer sizer;

  RecordingDispatch(TraceRecorder recorder, AllocatorDispatch inner, @Nullable FrameSizer sizer) {
    this.recorder = recorder;
    this.ring = recorder.ring();
    this.inner = inner;
    this.sizer = sizer;
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
    long exit = recorder.nanos();
    long position = recorder.claim(exit);
    if (position < 0) {
      return;
    }
    int slot = begin(position, Op.INITIALIZE, entry, irql);
    EventBatch rows = ring.rows();
    rows.setPin(slot, pin);
    rows.setFraming(slot, framing);
    if (returned) {
      rows.setStatus(slot, status);
      rows.setContext(slot, context);
      setReturn(slot, exit);
    }
    recorder.publish(position);
  }

  private void allocated(long entry, int irql, long context, long frame, boolean returned) {
    long exit = recorder.nanos();
    long size = returned && frame != 0 && sizer != null ? usableBytes(sizer, context, frame) : -1;
    long position = recorder.claim(exit);
    if (position < 0) {
      return;
    }
    int slot = begin(position, Op.ALLOCATE, entry, irql);
    EventBatch rows = ring.rows();
    rows.setContext(slot, context);
    if (returned) {
      rows.setFrame(slot, frame);
      setReturn(slot, exit);
    }
    if (size >= 0) {
      rows.setSize(slot, size);
    }
    recorder.publish(position);
  }

  /** Records a call that takes effect now. */
  private long enter(Op op, long context, long frame) {
    int irql = recorder.irql();
    long entry = recorder.nanos();
    long position = recorder.claim(entry);
    if (position >= 0) {
      int slot = begin(position, op, entry, irql);
      EventBatch rows = ring.rows();
      rows.setContext(slot, context);
      if (op == Op.FREE) {
        rows.setFrame(slot, frame);
      }
      ring.entered(position);
    }
    return position;
  }

  private void leave(long position, boolean returned) {
    if (position >= 0 && ring.beginReturn(position)) {
      if (returned) {
        setReturn(ring.slot(position), recorder.nanos());
      }
      recorder.publish(position);
    }
  }

  private int begin(long position, Op op, long entry, int irql) {
    int slot = ring.slot(position);
    ring.rows().begin(slot, EventRing.seq(position), op.code(), Layer.CALLBACK.code(), entry);
    recorder.setCaller(slot, recorder.thread(), irql);
    return slot;
  }

  private void setReturn(int slot, long exit) {
    ring.rows().setTExit(slot, exit);
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
