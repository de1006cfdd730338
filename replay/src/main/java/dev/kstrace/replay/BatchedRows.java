package dev.kstrace.replay;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends the calls of many rows at once and goes through the rows when their results are there.
 *
 * <p>What a row means follows from the recording, so its call can be sent before earlier ones have
 * returned, in the expectation that the target does as recorded. Where it makes something that the
 * recording does not have, it stops behind that call by itself, and what follows is sent anew. Rows
 * that depend on more than that (an unknown address, a frame that is owed) wait until all before
 * them are done, and go alone. So the result is that of one call after the other. Not thread-safe.
 */
final class BatchedRows {
  private static final int WITHOUT = -1;
  private static final int SMALLEST = 16;
  private static final int FIRST = 256;
  private static final int LARGEST = 8_192;

  /** What happens to rows whose turn it is. */
  interface Steps {
    /** Goes through a row; false where the replay ends behind it. */
    boolean row(int row, boolean called) throws IOException;

    /** Rows from one to before another were gone through as plain ones. */
    void wentThrough(int from, int to);
  }

  /** Rows whose calls are under way, from one to before another. */
  private record Window(int batch, int from, int to) {}

  private final EventBatch in;
  private final RecordedCalls recorded;
  private final BatchTarget target;
  private final TargetPort port;
  private final CallReplayer calls;
  private final Disturbances disturbances;
  private final @Nullable PlainCalls plain;
  private final Steps steps;
  private final int[] callOf;
  private final Deque<Window> underWay = new ArrayDeque<>();
  private int size = FIRST;
  private int nextBatch;
  private boolean stopped;

  BatchedRows(
      EventBatch in,
      RecordedCalls recorded,
      BatchTarget target,
      TargetPort port,
      CallReplayer calls,
      Disturbances disturbances,
      @Nullable PlainCalls plain,
      Steps steps) {
    this.in = in;
    this.recorded = recorded;
    this.target = target;
    this.port = port;
    this.calls = calls;
    this.disturbances = disturbances;
    this.plain = plain;
    this.steps = steps;
    this.callOf = new int[in.capacity()];
  }

  /** Goes through all rows of the batch; false where the replay ends before. */
  boolean run() throws IOException {
    int next = 0;
    while (next < in.rows() || !underWay.isEmpty()) {
      next = send(next);
      if (underWay.isEmpty()) {
        if (!steps.row(next++, false)) {
          return false;
        }
        continue;
      }
      Window window = underWay.remove();
      int end = finish(window);
      if (end < 0) {
        return false;
      }
      if (stopped) {
        next = end;
        size = Math.max(SMALLEST, size / 8);
      } else {
        size = Math.min(LARGEST, size * 2);
      }
    }
    return true;
  }

  /** Sends what can be sent now; the first row that was not. */
  private int send(int from) {
    int next = from;
    while (underWay.size() < BatchTarget.BATCHES && next < in.rows() && !isAlone(next)) {
      CallBatch batch = target.begin(nextBatch);
      int first = next;
      int last = Math.min(in.rows(), first + size);
      boolean quick = plain != null && calls.owesNothing();
      while (next < last && batch.hasRoom()) {
        if (quick && recorded.isPlain(next)) {
          callOf[next] = addPlain(batch, next);
        } else if (!isAlone(next)) {
          callOf[next] = add(batch, next);
        } else {
          break;
        }
        next++;
      }
      target.send(nextBatch);
      underWay.add(new Window(nextBatch, first, next));
      nextBatch = (nextBatch + 1) % BatchTarget.BATCHES;
    }
    return next;
  }

  /** Waits for a window and goes through its rows; the row behind, -1 where the replay ends. */
  private int finish(Window window) throws IOException {
    int done = target.receive(window.batch);
    CallBatch batch = target.batch(window.batch);
    stopped = batch.isStopped();
    if (stopped) {
      discard(); // the row where it stopped needs a call of its own, and both batches for it
    }
    List<TargetNote> notes = batch.notes();
    Iterator<TargetNote> pending = notes.iterator();
    @Nullable TargetNote note = pending.hasNext() ? pending.next() : null;
    PlainCalls quick = notes.isEmpty() ? plain : null;
    for (int row = window.from; row < window.to; row++) {
      if (quick != null && calls.owesNothing()) {
        int from = row;
        row = quick.run(from, window.to, batch, callOf);
        steps.wentThrough(from, row);
        if (row == window.to) {
          break;
        }
      }
      int call = callOf[row];
      if (call >= done) {
        TargetFailure failure = target.failure();
        if (failure == null) {
          return row;
        }
        port.fail(failure);
      } else if (call >= 0) {
        port.load(batch, call);
      }
      if (!steps.row(row, call >= 0)) {
        return -1;
      }
      while (note != null && note.after() <= call) {
        calls.remark(row, note);
        note = pending.hasNext() ? pending.next() : null;
      }
    }
    return window.to;
  }

  /** What was sent behind a window that was stopped was not run. */
  private void discard() {
    for (Window window : underWay) {
      target.receiveVoid(window.batch);
    }
    underWay.clear();
  }

  /** Whether a row depends on more than that the target does as recorded. */
  private boolean isAlone(int row) {
    Op op = Op.of(in.op(row));
    if (op == Op.TRACE_END || op == Op.DRIVER_UNLOAD) {
      return !calls.owesNothing();
    }
    if (!isCall(row, op)) {
      return false;
    }
    int allocator = recorded.allocator(row);
    if (calls.isForbidden(row)) {
      return true;
    }
    if (op == Op.INITIALIZE) {
      return false;
    }
    boolean unknownFrame =
        op == Op.FREE && recorded.slot(row) == FrameTable.NONE && in.frame(row) != 0;
    return allocator == AllocatorTable.UNKNOWN
        || unknownFrame
        || recorded.isTwice(row)
        || !calls.isForeseeable(allocator);
  }

  private boolean isCall(int row, @Nullable Op op) {
    return in.layer(row) == Layer.CALLBACK.code() && CallReplayer.isDriven(in, row, op);
  }

  /** Adds a row's call to a batch; its index, or {@link #WITHOUT}. */
  private int add(CallBatch batch, int row) {
    Op op = Op.of(in.op(row));
    if (!isCall(row, op)) {
      return WITHOUT;
    }
    int slot = recorded.slot(row);
    if (op == Op.INITIALIZE) {
      int flags = CallResolver.madeOne(in, row) ? 0 : CallBatch.STOP_IF_MADE;
      return batch.addWide(
          CallBatch.INITIALIZE,
          flags | disturbances.at(in.seq(row)),
          recorded.allocator(row),
          TargetPort.irql(in, row),
          TargetPort.thread(in, row),
          TargetPort.pin(in, row),
          0,
          in.tEntry(row),
          TargetPort.framing(in, row));
    }
    if (op == Op.ALLOCATE) {
      int flags = slot == FrameTable.NONE ? CallBatch.STOP_IF_MADE : 0;
      flags |= recorded.isFresh(row) ? CallBatch.FRESH : 0;
      return add(batch, row, CallBatch.ALLOCATE, flags | disturbances.at(in.seq(row)), slot, 0);
    }
    if (op == Op.FREE) {
      int flags = recorded.ends(row) ? CallBatch.ENDS : 0;
      flags |= disturbances.at(in.seq(row));
      return add(batch, row, CallBatch.FREE, flags, slot, recorded.inside(row));
    }
    return add(batch, row, CallBatch.DELETE, 0, CallBatch.NONE, 0);
  }

  /** As {@link #add(CallBatch, int)} for a plain row where no call is disturbed. */
  private int addPlain(CallBatch batch, int row) {
    if (recorded.ends(row)) {
      return add(batch, row, CallBatch.FREE, CallBatch.ENDS, recorded.slot(row), 0);
    }
    int flags = recorded.isFresh(row) ? CallBatch.FRESH : 0;
    return add(batch, row, CallBatch.ALLOCATE, flags, recorded.slot(row), 0);
  }

  private int add(CallBatch batch, int row, int op, int flags, int slot, long b) {
    return batch.add(
        op,
        flags,
        recorded.allocator(row),
        slot,
        TargetPort.irql(in, row),
        TargetPort.thread(in, row),
        b,
        in.tEntry(row));
  }
}
