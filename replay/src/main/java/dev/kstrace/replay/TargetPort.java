package dev.kstrace.replay;

import dev.kstrace.capture.AllocatorDispatch.ContextOut;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Irql;

/** The way to a target: every call is made as the recorded event's, and no exception is lost. */
final class TargetPort {
  private static final Framing NOT_RECORDED = new Framing(0, 0, 0, 0, 0, 0);

  private final ReplayTarget target;
  private final ContextOut context = new ContextOut();

  TargetPort(ReplayTarget target) {
    this.target = target;
  }

  /** A target's call threw. */
  static final class TargetDied extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final Throwable thrown;

    private TargetDied(Throwable thrown) {
      super("target died", thrown, false, false);
      this.thrown = thrown;
    }

    /** What the target threw. */
    Throwable thrown() {
      return thrown;
    }
  }

  /** Presents the event's thread, IRQL and entry time. */
  void present(EventBatch in, int row) {
    int thread = in.has(row, EventBatch.THREAD) ? in.thread(row) : 0;
    int irql = in.has(row, EventBatch.IRQL_ENTRY) ? in.irqlEntry(row) : Irql.PASSIVE_LEVEL;
    try {
      target.present(thread, irql, in.tEntry(row));
    } catch (Throwable t) {
      throw new TargetDied(t);
    }
  }

  /** Calls initialize with the event's pin and framing; its context is in {@link #context}. */
  int initialize(EventBatch in, int row) {
    long pin = in.has(row, EventBatch.PIN) ? in.pin(row) : 0;
    Framing framing = in.framing(row);
    context.value = 0;
    try {
      return target.initialize(pin, framing == null ? NOT_RECORDED : framing, context);
    } catch (Throwable t) {
      throw new TargetDied(t);
    }
  }

  /** The context that the last initialize left. */
  long context() {
    return context.value;
  }

  long allocate(long context) {
    try {
      return target.allocate(context);
    } catch (Throwable t) {
      throw new TargetDied(t);
    }
  }

  void free(long context, long frame) {
    try {
      target.free(context, frame);
    } catch (Throwable t) {
      throw new TargetDied(t);
    }
  }

  void delete(long context) {
    try {
      target.delete(context);
    } catch (Throwable t) {
      throw new TargetDied(t);
    }
  }

  int irql() {
    try {
      return target.irql();
    } catch (Throwable t) {
      throw new TargetDied(t);
    }
  }

  long usableBytes(long context, long frame) {
    try {
      return target.usableBytes(context, frame);
    } catch (Throwable t) {
      throw new TargetDied(t);
    }
  }
}
