package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keeps what stays small of a pass. Not thread-safe. */
final class Collector implements TrackerSink {
  final List<@Nullable Object[]> suspects = new ArrayList<>();
  final List<@Nullable Object[]> unfreed = new ArrayList<>();
  final List<@Nullable Object[]> pinStates = new ArrayList<>();
  final List<@Nullable Object[]> suspectSteps = new ArrayList<>();
  final List<@Nullable Object[]> marks = new ArrayList<>();
  final List<@Nullable Object[]> losses = new ArrayList<>();
  final List<@Nullable Object[]> disorder = new ArrayList<>();
  final Inputs inputs = new Inputs();
  @Nullable Tracker tracker;

  @Override
  public void call(CallFacts call) {
    if (Suspects.isSuspect(call)) {
      suspects.add(CallRows.row(call));
    }
  }

  @Override
  public void frame(FrameTable frames, int slot, Allocator allocator) {
    if (frames.state[slot] != FrameTable.FREED && tracker != null) {
      unfreed.add(FrameRows.row(frames, slot, allocator, tracker.lossEpoch()));
    }
  }

  @Override
  public void pinState(EventBatch batch, int row, PinStep step) {
    @Nullable Object[] values = PinRows.row(batch, row, step);
    pinStates.add(values);
    if (Suspects.isSuspect(step)) {
      suspectSteps.add(values);
    }
  }

  @Override
  public void mark(EventBatch batch, int row, @Nullable String text) {
    marks.add(
        new @Nullable Object[] {
          batch.seq(row),
          batch.tEntry(row),
          batch.has(row, EventBatch.THREAD) ? Integer.toUnsignedLong(batch.thread(row)) : null,
          text,
          batch.detail(row)
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
