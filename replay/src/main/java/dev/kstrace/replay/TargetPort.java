package dev.kstrace.replay;

import dev.kstrace.capture.AllocatorDispatch.ContextOut;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Irql;
import dev.kstrace.traces.NtStatus;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The way to a target: every call is made as the recorded event's, no exception is lost, and what
 * came of the last call is kept, whether it travelled alone or in a batch. Not thread-safe.
 */
final class TargetPort {
  static final Framing NOT_RECORDED = new Framing(0, 0, 0, 0, 0, 0);

  private final ReplayTarget target;
  private final Disturbances disturbances;
  private final @Nullable BatchTarget batches;
  private final @Nullable LongSupplier clock;
  private final @Nullable Pacer pacer;
  private final ContextOut context = new ContextOut();
  private long start;
  private long spentNs = -1;
  private int outcome;
  private long value;
  private long bytes;
  private int status;
  private int irql;
  private long number;
  private @Nullable TargetFailure failed;
  private List<TargetNote> notes = List.of();

  TargetPort(ReplayTarget target, Disturbances disturbances, Instruments instruments) {
    this.target = target;
    this.disturbances = disturbances;
    this.clock = instruments.clock();
    this.pacer = instruments.pacer();
    this.batches = target instanceof BatchTarget far ? far : null;
  }

  /** A target's call did not return. */
  static final class TargetDied extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final Throwable thrown;

    TargetDied(Throwable thrown) {
      super("target died", thrown, false, false);
      this.thrown = thrown;
    }

    /** What the target threw, or how its process ended. */
    Throwable thrown() {
      return thrown;
    }
  }

  /** The target itself where calls travel to it in batches. */
  @Nullable BatchTarget batches() {
    return batches;
  }

  /** The event's thread; 0 = unknown. */
  static int thread(EventBatch in, int row) {
    return in.has(row, EventBatch.THREAD) ? in.thread(row) : 0;
  }

  /** The event's IRQL at entry; PASSIVE_LEVEL = unknown. */
  static int irql(EventBatch in, int row) {
    return in.has(row, EventBatch.IRQL_ENTRY) ? in.irqlEntry(row) : Irql.PASSIVE_LEVEL;
  }

  /** The event's pin; 0 = unknown. */
  static long pin(EventBatch in, int row) {
    return in.has(row, EventBatch.PIN) ? in.pin(row) : 0;
  }

  /** The event's framing, all zeros where it is unknown. */
  static Framing framing(EventBatch in, int row) {
    Framing framing = in.framing(row);
    return framing == null ? NOT_RECORDED : framing;
  }

  /** Calls initialize with the event's pin and framing. */
  void initialize(EventBatch in, int row) {
    context.value = 0;
    if (isShortOfMemory(in, row)) {
      fail(in, row);
      status = NtStatus.INSUFFICIENT_RESOURCES;
      return;
    }
    try {
      present(in, row, AllocatorTable.UNKNOWN);
      status = target.initialize(pin(in, row), framing(in, row), context);
      stop();
      value = context.value;
      after();
    } catch (Throwable t) {
      throw new TargetDied(t);
    }
  }

  /** Calls allocate; the allocator's number is {@link AllocatorTable#UNKNOWN} where it has none. */
  void allocate(EventBatch in, int row, int allocator, long with) {
    if (isShortOfMemory(in, row)) {
      fail(in, row);
      return;
    }
    try {
      present(in, row, allocator);
      value = target.allocate(with);
      stop();
      bytes = value == 0 ? -1 : target.usableBytes(with, value);
      after();
    } catch (Throwable t) {
      throw new TargetDied(t);
    }
  }

  /** As {@link #allocate}, with the target's frame. */
  void free(EventBatch in, int row, int allocator, long with, long frame) {
    try {
      present(in, row, allocator);
      target.free(with, frame);
      stop();
      value = frame;
      after();
    } catch (Throwable t) {
      throw new TargetDied(t);
    }
  }

  /** As {@link #allocate}. */
  void delete(EventBatch in, int row, int allocator, long with) {
    try {
      present(in, row, allocator);
      target.delete(with);
      stop();
      after();
    } catch (Throwable t) {
      throw new TargetDied(t);
    }
  }

  /** Says that the recording is over. */
  void finish() {
    if (batches != null) {
      try {
        batches.finish();
      } catch (TargetFailure failure) {
        throw new TargetDied(failure);
      }
    }
  }

  /** The next event's call did not return from its batch. */
  void fail(TargetFailure failure) {
    failed = failure;
  }

  /** Throws what {@link #fail} was told. */
  void requireAlive() {
    if (failed != null) {
      throw new TargetDied(failed);
    }
  }

  /** Takes over what came of a call that travelled in a batch. */
  void load(CallBatch batch, int call) {
    outcome = batch.outcome(call);
    value = batch.value(call);
    bytes = batch.bytes(call);
    status = batch.status(call);
    irql = batch.irqlExit(call);
    number = batch.base() + call;
    spentNs = clock == null ? -1 : batch.spentNs(call);
  }

  /** A target in C has its requests for memory refused instead. */
  private boolean isShortOfMemory(EventBatch in, int row) {
    return batches == null
        && disturbances != Disturbances.NOTHING
        && Disturbances.isFailing(disturbances.at(in.seq(row)));
  }

  private void fail(EventBatch in, int row) {
    value = 0;
    bytes = -1;
    irql = in.has(row, EventBatch.IRQL_ENTRY) ? in.irqlEntry(row) : -1;
    outcome = CallBatch.DONE;
    spentNs = -1;
  }

  private void present(EventBatch in, int row, int allocator) {
    if (pacer != null) {
      pacer.await(in.tEntry(row));
    }
    target.present(thread(in, row), irql(in, row), in.tEntry(row));
    if (batches != null) {
      batches.mean(allocator);
      int what = disturbances.at(in.seq(row));
      batches.disturb(Disturbances.isFailing(what) ? what : Disturbances.NONE);
    }
    if (clock != null) {
      start = clock.getAsLong();
    }
  }

  /** The call is over; what is asked of the target from here on takes no part in its time. */
  private void stop() {
    if (clock != null) {
      spentNs = batches == null ? clock.getAsLong() - start : batches.lastSpentNs();
    }
  }

  private void after() {
    irql = target.irql();
    outcome = CallBatch.DONE;
    if (batches != null) {
      outcome = batches.outcome();
      number = batches.lastCall();
      notes = batches.notes();
    }
  }

  /** Whether {@link #takeNotes} has something to tell. */
  boolean hasNotes() {
    return !notes.isEmpty();
  }

  /** What was noticed during the last single call; told once. */
  List<TargetNote> takeNotes() {
    List<TargetNote> taken = notes;
    notes = List.of();
    return taken;
  }

  /** Tells a distant target what stands for a frame. */
  void bindFrame(int slot, int allocator, long address, boolean live) {
    if (batches != null) {
      batches.bindFrame(slot, allocator, address, live);
    }
  }

  /** Tells a distant target what stands for an allocator. */
  void bindAllocator(int allocator, long itsContext, boolean made) {
    if (batches != null) {
      batches.bindAllocator(allocator, itsContext, made);
    }
  }

  /** Whether the last call waits for something, so that there is no result yet. */
  boolean isBlocked() {
    return outcome == CallBatch.BLOCKED;
  }

  /** Whether the last call was not made, as its allocator or frame does not exist. */
  boolean isSkipped() {
    return outcome == CallBatch.SKIPPED;
  }

  /** The last call's context, frame returned or frame freed. */
  long value() {
    return value;
  }

  /** Usable bytes of the frame that the last allocate returned; -1 = unknown. */
  long bytes() {
    return bytes;
  }

  /** NTSTATUS of the last initialize. */
  int status() {
    return status;
  }

  /** IRQL after the last call; -1 = unknown. */
  int irql() {
    return irql;
  }

  /** How long the last call took in ns; -1 = not measured, or it waits. */
  long spentNs() {
    return isBlocked() ? -1 : spentNs;
  }

  /** Number of the last call of a distant target. */
  long number() {
    return number;
  }
}
