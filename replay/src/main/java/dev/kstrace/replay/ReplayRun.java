package dev.kstrace.replay;

import dev.kstrace.replay.TargetPort.TargetDied;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.LongIntMap;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One replay from the first event to the last; used once. Not thread-safe. */
final class ReplayRun {
  private static final String ALLOCATOR = "allocator";
  private static final String FRAME = "frame";

  /** Odd, so that adding it again and again visits every number. */
  private static final long STRIDE = 0x9E3779B97F4A7C15L;

  private final String name;
  private final TargetPort target;
  private final ReplayOptions options;
  private final EventBatch in;
  private final ReplayedRows rows;
  private final EventBatch out;
  private final DivergenceLog log;
  private final RecordingWatch watch = new RecordingWatch();
  private final AllocatorTable allocators = new AllocatorTable();
  private final FrameTable frames = new FrameTable(allocators);
  private final TargetFrames targetFrames = new TargetFrames(allocators);
  private final LongIntMap targetContexts = new LongIntMap();
  private final OwedFrames owed = new OwedFrames(frames);
  private final Comparison compare;

  private long allocations;
  private long calls;
  private long differing;
  private long extraCalls;
  private long leftOut;
  private long notDriven;
  private @Nullable TargetDeath death;

  ReplayRun(ReplayTarget target, ReplayOptions options, EventBatch in, ReplayedRows rows) {
    this.name = target.name();
    this.target = new TargetPort(target);
    this.options = options;
    this.in = in;
    this.rows = rows;
    this.out = rows.batch();
    this.log = new DivergenceLog(options.keep());
    this.compare = new Comparison(in, out, frames, targetFrames, log);
  }

  ReplayReport replay(ReplayEngine.Source source, boolean completeStart) throws IOException {
    boolean goOn = true;
    while (goOn && source.read(in)) {
      for (int row = 0; goOn && row < in.rows(); row++) {
        goOn = replay(row);
      }
      log.endOfBatch(in);
    }
    rows.flush();
    return new ReplayReport(
        name,
        watch.events(),
        calls,
        calls - differing,
        log.counts(),
        log.first(),
        log.kept(),
        extraCalls,
        leftOut,
        notDriven,
        watch.overlaps(),
        watch.firstLoss(),
        !completeStart,
        goOn && !watch.ended(),
        death);
  }

  /** One event; false where the replay ends behind it. */
  private boolean replay(int row) throws IOException {
    watch.see(in, row);
    try {
      event(row);
    } catch (TargetDied died) {
      Throwable thrown = died.thrown();
      death =
          new TargetDeath(
              in.seq(row),
              TraceText.format(in.event(row)),
              thrown.getClass().getName(),
              Objects.requireNonNullElse(thrown.getMessage(), ""));
      return false;
    }
    return !options.stopAtFirst() || log.first() == null;
  }

  private void event(int row) throws IOException {
    Op op = Op.of(in.op(row));
    int layer = in.layer(row);
    if (op == Op.TRACE_END || op == Op.DRIVER_UNLOAD) {
      giveBackOwed(row, null);
      rows.copy(in, row);
    } else if (layer == Layer.CALLBACK.code()) {
      callback(op, row);
    } else if (layer == Layer.NONE.code() || (op != Op.ALLOCATE && op != Op.FREE)) {
      rows.copy(in, row);
    } else {
      clientCall(row);
    }
  }

  private void callback(@Nullable Op op, int row) throws IOException {
    if (op == Op.INITIALIZE) {
      initialize(row);
      return;
    }
    boolean call = op == Op.ALLOCATE || op == Op.FREE || op == Op.DELETE;
    int needed = op == Op.FREE ? EventBatch.CONTEXT | EventBatch.FRAME : EventBatch.CONTEXT;
    if (!call || !in.has(row, needed)) {
      notDriven += call ? 1 : 0;
      rows.copy(in, row);
    } else if (op == Op.ALLOCATE) {
      allocate(row);
    } else if (op == Op.FREE) {
      free(row);
    } else {
      delete(row);
    }
  }

  private void initialize(int row) throws IOException {
    target.present(in, row);
    int status = target.initialize(in, row);
    int irql = target.irql();
    long context = target.context();
    boolean hasContext = in.has(row, EventBatch.CONTEXT);
    boolean hasStatus = in.has(row, EventBatch.STATUS);
    boolean recordedMade = hasStatus ? NtStatus.isSuccess(in.status(row)) : hasContext;
    boolean made = NtStatus.isSuccess(status);

    int to = rows.call(in, row);
    rows.setIrqlExit(to, irql);
    out.setStatus(to, status);
    if (made || hasContext) {
      out.setContext(to, context);
    }
    boolean same = compare.irql(row, irql);
    called(compare.status(row, status) && same);

    if (made) {
      targetContexts.put(context, 1);
    }
    if (recordedMade && hasContext) {
      if (made) {
        allocators.made(in.context(row), in.framing(row), context);
      } else {
        allocators.refused(in.context(row), in.framing(row));
      }
    } else if (made && !recordedMade) {
      target.present(in, row);
      target.delete(context);
      extraCalls++;
      rows.extra(in, row, true, Op.DELETE, context, 0, target.irql());
    }
  }

  private void allocate(int row) throws IOException {
    // A call that never returned has no frame; nobody got one from it either.
    boolean returned = in.has(row, EventBatch.FRAME);
    long recorded = returned ? in.frame(row) : 0;
    int allocator = allocators.resolve(in.context(row));
    int slot = recorded == 0 ? FrameTable.NONE : frames.find(allocator, recorded);
    boolean twice = slot != FrameTable.NONE && frames.isLive(slot);
    if (allocators.isRefused(allocator)) {
      if (recorded != 0) {
        frames.allocate(allocator, recorded, recordedBytes(row, allocator), ++allocations);
      }
      leaveOut(row, ALLOCATOR);
      return;
    }
    if (slot != FrameTable.NONE && !twice) {
      giveBackOwed(row, allocator, slot);
    }
    makeRoom(row, allocator);
    long context = targetContext(row, allocator);
    target.present(in, row);
    long got = target.allocate(context);
    long bytes = got == 0 ? -1 : target.usableBytes(context, got);
    int irql = target.irql();

    int to = rows.call(in, row);
    rows.setIrqlExit(to, irql);
    out.setContext(to, context);
    out.setFrame(to, got);
    if (bytes >= 0) {
      out.setSize(to, bytes);
    }
    boolean same = compare.irql(row, irql);
    called((!returned || compare.frame(row, recorded, got)) && same);

    long number = ++allocations;
    if (got != 0) {
      targetFrames.allocate(allocator, got, number);
    }
    boolean known = allocator != AllocatorTable.UNKNOWN && !allocators.isDeleted(allocator);
    if (recorded != 0) {
      slot = frames.allocate(allocator, recorded, recordedBytes(row, allocator), number);
      if (!twice || frames.target(slot) == 0) {
        frames.setTarget(slot, got, bytes);
      } else if (known && got != 0 && got != frames.target(slot)) {
        owed.add(slot, got, bytes);
      }
    } else if (known && got != 0) {
      giveBack(row, true, allocator, got);
    }
  }

  private void free(int row) throws IOException {
    long recorded = in.frame(row);
    int allocator = allocators.resolve(in.context(row));
    int slot = recorded == 0 ? FrameTable.NONE : frames.resolve(allocator, recorded);
    long inside = slot == FrameTable.NONE ? 0 : frames.offset();
    boolean own = slot != FrameTable.NONE && inside == 0 && frames.allocator(slot) == allocator;
    boolean refused = allocators.isRefused(allocator);
    if (refused || (slot != FrameTable.NONE && frames.target(slot) == 0)) {
      if (own) {
        frames.free(slot);
      }
      leaveOut(row, refused ? ALLOCATOR : FRAME);
      return;
    }
    long context = targetContext(row, allocator);
    long sent = slot == FrameTable.NONE ? unknownFrame(recorded) : frames.target(slot) + inside;
    target.present(in, row);
    target.free(context, sent);
    int irql = target.irql();

    int to = rows.call(in, row);
    rows.setIrqlExit(to, irql);
    out.setContext(to, context);
    out.setFrame(to, sent);
    copySize(row, to, slot, inside);
    called(compare.irql(row, irql));

    targetFrames.free(allocator, sent);
    if (own) {
      frames.free(slot);
      owed.sent(slot);
    }
  }

  private void delete(int row) throws IOException {
    int allocator = allocators.resolve(in.context(row));
    if (allocators.isRefused(allocator)) {
      allocators.delete(allocator);
      leaveOut(row, ALLOCATOR);
      return;
    }
    giveBackOwed(row, allocator);
    long context = targetContext(row, allocator);
    target.present(in, row);
    target.delete(context);
    int irql = target.irql();

    int to = rows.call(in, row);
    rows.setIrqlExit(to, irql);
    out.setContext(to, context);
    called(compare.irql(row, irql));
    if (allocator != AllocatorTable.UNKNOWN) {
      allocators.delete(allocator);
    }
  }

  /** Not driven, only told in the target's contexts and frames. */
  private void clientCall(int row) throws IOException {
    boolean hasContext = in.has(row, EventBatch.CONTEXT);
    int allocator = hasContext ? allocators.resolve(in.context(row)) : AllocatorTable.UNKNOWN;
    long recorded = in.has(row, EventBatch.FRAME) ? in.frame(row) : 0;
    int slot = recorded == 0 ? FrameTable.NONE : frames.resolve(allocator, recorded);
    boolean refused = allocators.isRefused(allocator);
    if (refused || (slot != FrameTable.NONE && frames.target(slot) == 0)) {
      leftOut++;
      rows.leftOut(in, row, refused ? ALLOCATOR : FRAME);
      return;
    }
    if (slot == FrameTable.NONE) {
      int to = rows.copy(in, row);
      if (hasContext) {
        out.setContext(to, targetContext(row, allocator));
      }
      return;
    }
    long inside = frames.offset();
    int to = rows.call(in, row);
    if (in.has(row, EventBatch.IRQL_EXIT)) {
      out.setIrqlExit(to, in.irqlExit(row));
    }
    if (hasContext) {
      out.setContext(to, targetContext(row, allocator));
    }
    out.setFrame(to, frames.target(slot) + inside);
    copySize(row, to, slot, inside);
  }

  private long targetContext(int row, int allocator) {
    if (allocator != AllocatorTable.UNKNOWN) {
      return allocators.targetContext(allocator);
    }
    long context = in.context(row);
    while (targetContexts.get(context) != LongIntMap.ABSENT) {
      context += STRIDE;
    }
    return context;
  }

  private long unknownFrame(long recorded) {
    long frame = recorded;
    while (recorded != 0 && (frame == 0 || targetFrames.knows(frame))) {
      frame += STRIDE;
    }
    return frame;
  }

  private long recordedBytes(int row, int allocator) {
    return in.has(row, EventBatch.SIZE) ? in.size(row) : allocators.frameBytes(allocator);
  }

  private void copySize(int row, int to, int slot, long inside) {
    if (in.has(row, EventBatch.SIZE)
        && slot != FrameTable.NONE
        && inside == 0
        && frames.targetBytes(slot) >= 0) {
      out.setSize(to, frames.targetBytes(slot));
    }
  }

  private void leaveOut(int row, String missing) throws IOException {
    leftOut++;
    rows.leftOut(in, row, missing);
    compare.skipped(row, missing);
  }

  private void called(boolean same) {
    calls++;
    differing += same ? 0 : 1;
  }

  private void giveBack(int row, boolean after, int allocator, long frame) throws IOException {
    long context = allocators.targetContext(allocator);
    target.present(in, row);
    target.free(context, frame);
    extraCalls++;
    targetFrames.free(allocator, frame);
    rows.extra(in, row, after, Op.FREE, context, frame, target.irql());
  }

  private void giveBackOwed(int row, int allocator, int slot) throws IOException {
    if (owed.isEmpty()) {
      return;
    }
    for (long frame : owed.take(slot)) {
      giveBack(row, false, allocator, frame);
    }
  }

  /**
   * Gives back owed frames where the recorded allocator, which lacks them, has room for one more.
   */
  private void makeRoom(int row, int allocator) throws IOException {
    long limit = owed.isEmpty() ? 0 : allocators.frameLimit(allocator);
    if (limit == 0) {
      return;
    }
    for (int slot : owed.slots(allocator)) {
      if (allocators.framesOut(allocator) + owed.count(allocator) >= limit) {
        giveBackOwed(row, allocator, slot);
      }
    }
  }

  /** Gives back all frames owed to an allocator, or to any where null. */
  private void giveBackOwed(int row, @Nullable Integer allocator) throws IOException {
    if (owed.isEmpty()) {
      return;
    }
    for (int slot : owed.slots(allocator)) {
      giveBackOwed(row, frames.allocator(slot), slot);
    }
  }
}
