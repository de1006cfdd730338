package dev.kstrace.analyze;

import dev.kstrace.analyze.CallFacts.AllocatorState;
import dev.kstrace.analyze.CallFacts.FrameState;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Keeps what stays small of a pass. Not thread-safe. */
final class Collector implements TrackerSink {
  private static final Pattern FAULT_INJECTION =
      Pattern.compile("\"(low_resources|fault_injection)\"\\s*:");

  final List<@Nullable Object[]> suspects = new ArrayList<>();
  final List<@Nullable Object[]> unfreed = new ArrayList<>();
  final List<@Nullable Object[]> pinStates = new ArrayList<>();
  final List<@Nullable Object[]> suspectSteps = new ArrayList<>();
  final List<@Nullable Object[]> marks = new ArrayList<>();
  final List<@Nullable Object[]> losses = new ArrayList<>();
  final List<@Nullable Object[]> disorder = new ArrayList<>();
  final Inputs inputs;
  final Waiters waiters = new Waiters();
  final Unresolved unresolved = new Unresolved();

  /** Null where nobody wants them. */
  final @Nullable OutstandingCurves curves;

  /** Whether the trace says that allocations were made to fail on purpose. */
  boolean faultInjection;

  /** Whether some frame of system memory has an address of the kernel. */
  boolean kernelAddresses;

  /** Whether some frame has an address that no x64 processor takes for one. */
  boolean oddAddresses;

  private final Tracker tracker;
  private final Runs runs = new Runs();
  private final boolean realAddresses;

  /** A collector with the tracker that it listens to. */
  Collector(TraceMetadata metadata, Inputs inputs, FrameHistory history) {
    this(metadata, inputs, history, null);
  }

  /** A collector that draws curves, too. */
  Collector(
      TraceMetadata metadata,
      Inputs inputs,
      FrameHistory history,
      @Nullable OutstandingCurves curves) {
    this.inputs = inputs;
    this.curves = curves;
    tracker = new Tracker(metadata, this, history);
    faultInjection = metadata.get("kstrace.fault_injection") != null;
    realAddresses =
        "recorded".equals(metadata.get(TraceMetadata.ORIGIN)) && !metadata.syntheticAddresses();
  }

  Tracker tracker() {
    return tracker;
  }

  /** Every time in RUN of every allocator. */
  List<Run> runs() {
    return runs.all();
  }

  /** Takes the end of the trace. */
  void finish() {
    tracker.finish();
    runs.finish(tracker.pins(), tracker.lastTime());
  }

  @Override
  public boolean sparesOrdinary() {
    return true;
  }

  @Override
  public void call(CallFacts call) {
    if (Suspects.isSuspect(call)) {
      suspects.add(CallRows.row(call));
    }
    Allocator allocator = call.allocator;
    if (allocator == null) {
      unresolved.note(call.batch, call.row);
      return;
    }
    int op = call.batch.op(call.row);
    if (op == Op.INITIALIZE.code()) {
      initialized(call, allocator);
    } else if (call.batch.layer(call.row) != Layer.CALLBACK.code()) {
      waiters.note(call, tracker.lossEpoch());
    } else if (call.allocatorState == AllocatorState.LIVE) {
      called(call, allocator, op);
    }
  }

  private void called(CallFacts call, Allocator allocator, int op) {
    if (allocator.late != null) {
      allocator.late.add(call.batch, call.row);
    }
    if (curves != null) {
      curves.note(call, allocator);
    }
    if (op == Op.ALLOCATE.code()) {
      allocated(call, allocator);
    } else if (op == Op.DELETE.code()) {
      waiters.note(call, tracker.lossEpoch());
      runs.deleted(allocator);
    }
  }

  private void initialized(CallFacts call, Allocator allocator) {
    if (!allocator.created) {
      return;
    }
    if (curves != null) {
      curves.begin(call, allocator);
    }
    if (!tracker.isScene()) {
      runs.initialized(allocator);
    }
    allocator.kernelFrames =
        realAddresses
            && allocator.framing != null
            && allocator.framing.isSystemMemory()
            && allocator.pin != null
            && Suspects.isKernel(allocator.pin);
  }

  private void allocated(CallFacts call, Allocator allocator) {
    EventBatch batch = call.batch;
    int row = call.row;
    if (allocator.kernelFrames && batch.has(row, EventBatch.FRAME)) {
      kernelAddresses |= Suspects.isKernel(batch.frame(row));
      oddAddresses |= !Suspects.isCanonical(batch.frame(row));
    }
    if (call.frameState == FrameState.NULL && allocator.run != null) {
      allocator.run.refused();
    }
    if (call.liveAfter != call.liveBefore) {
      frameAllocated(batch, row, allocator);
    }
  }

  @Override
  public void allocated(EventBatch batch, int row, Allocator allocator) {
    if (curves != null) {
      curves.note(batch.tExit(row), allocator);
    }
    frameAllocated(batch, row, allocator);
  }

  @Override
  public void freed(FrameTable frames, int slot, Allocator allocator, EventBatch batch, int row) {
    if (curves != null) {
      curves.note(batch.tEntry(row), allocator);
    }
    frame(frames, slot, allocator, batch, row);
  }

  private void frameAllocated(EventBatch batch, int row, Allocator allocator) {
    kernelAddresses |= allocator.kernelFrames && Suspects.isKernel(batch.frame(row));
    Run run = allocator.run;
    if (run != null) {
      boolean exit = batch.has(row, EventBatch.T_EXIT);
      long time = exit ? batch.tExit(row) : batch.tEntry(row);
      run.allocated(batch.seq(row), time, allocator.live(Runs.LAYER));
    } else if (allocator.stopTime != null) {
      allocator.allocatedInStop(batch.seq(row), batch.tEntry(row));
    }
  }

  @Override
  public void frame(
      FrameTable frames, int slot, Allocator allocator, @Nullable EventBatch free, int row) {
    if (free == null) {
      unfreed.add(FrameRows.row(frames, slot, allocator, null, 0, tracker.lossEpoch()));
      return;
    }
    Run run = allocator.run;
    if (run != null && frames.layer() == Runs.LAYER) {
      run.freed(
          frames.allocateSeq(slot),
          frames.allocateTime(slot),
          free.tEntry(row),
          frames.address(slot),
          allocator.live(Runs.LAYER) + 1);
    }
  }

  @Override
  public void pinState(EventBatch batch, int row, PinStep step) {
    @Nullable Object[] values = PinRows.row(batch, row, step);
    pinStates.add(values);
    if (Suspects.isSuspect(step)) {
      suspectSteps.add(values);
    }
    if (!tracker.isScene()) {
      runs.step(step, batch.seq(row), batch.tEntry(row));
    }
  }

  @Override
  public void pinClosed(Pin pin, int open) {
    runs.closed(pin, open);
  }

  @Override
  public void mark(EventBatch batch, int row, @Nullable String text) {
    String detail = batch.detail(row);
    faultInjection |= detail != null && FAULT_INJECTION.matcher(detail).find();
    marks.add(
        new @Nullable Object[] {
          batch.seq(row),
          batch.tEntry(row),
          batch.has(row, EventBatch.THREAD) ? Integer.toUnsignedLong(batch.thread(row)) : null,
          text,
          detail
        });
  }

  @Override
  public void loss(long seq, long time, @Nullable Long count, String cause) {
    losses.add(new @Nullable Object[] {seq, time, count, cause});
  }

  @Override
  public void disorder(EventBatch batch, int row, @Nullable Long previousSeq) {
    disorder.add(
        new @Nullable Object[] {
          batch.seq(row),
          (long) batch.op(row),
          batch.has(row, EventBatch.PIN) ? batch.pin(row) : null,
          batch.has(row, EventBatch.CONTEXT) ? batch.context(row) : null,
          batch.has(row, EventBatch.FRAME) ? batch.frame(row) : null,
          batch.tEntry(row),
          batch.has(row, EventBatch.T_EXIT) ? batch.tExit(row) : null,
          previousSeq
        });
  }
}
