package dev.kstrace.replay;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import java.io.IOException;

/**
 * Finds out what the rows of a recording mean, one batch after the other.
 *
 * <p>All of it follows from the recording alone, so rows can be resolved before any target has
 * answered. That is what lets calls travel in batches. Not thread-safe.
 */
final class CallResolver {
  private static final int ALLOCATE = Op.ALLOCATE.code(); // a free's is the next one
  private static final int CALLBACK = Layer.CALLBACK.code();

  private final AllocatorTable allocators = new AllocatorTable();
  private final FrameTable frames = new FrameTable(allocators);
  private long allocations;

  /**
   * Reads the next rows and resolves them.
   *
   * @param calls gets what they mean
   * @return false at the end; there are no rows then
   */
  boolean read(ReplayEngine.Source source, EventBatch in, RecordedCalls calls) throws IOException {
    if (!source.read(in)) {
      return false;
    }
    resolve(in, in.rows(), calls);
    return true;
  }

  /** Resolves the first rows of a batch. */
  void resolve(EventBatch in, int rows, RecordedCalls calls) {
    boolean calm = true;
    for (int row = 0; row < rows; row++) {
      row = ordinary(in, row, rows, calls);
      if (row < rows) {
        calm = false;
        resolveRow(in, row, calls);
      }
    }
    calls.calm = calm && areCalm(in, rows);
  }

  private static boolean areCalm(EventBatch in, int rows) {
    boolean calm = rows > 0 && in.has(0, EventBatch.T_EXIT);
    for (int row = 1; row < rows && calm; row++) {
      calm =
          in.has(row, EventBatch.T_EXIT)
              && in.seq(row) == in.seq(row - 1) + 1
              && in.tEntry(row) >= in.tExit(row - 1)
              && in.tExit(row) >= in.tExit(row - 1);
    }
    return calm;
  }

  /**
   * Allocates and frees as nearly all are: what {@link #resolveRow} does with them, without a
   * branch that depends on which of the two a row is, as processors cannot guess that.
   *
   * @return the first row from {@code from} on that is anything else; nothing was done with it
   */
  private int ordinary(EventBatch in, int from, int rows, RecordedCalls calls) {
    long number = allocations;
    int row = from;
    for (; row < rows; row++) {
      int isFree = in.op(row) - ALLOCATE;
      if ((isFree & ~1) != 0
          || in.layer(row) != CALLBACK
          || !in.has(row, EventBatch.CONTEXT | EventBatch.FRAME)) {
        break;
      }
      int owner = allocators.resolve(in.context(row));
      int slot = frames.ordinary(owner, in.frame(row), isFree);
      if (slot == FrameTable.NONE || owner == AllocatorTable.UNKNOWN) {
        break;
      }
      long size = in.has(row, EventBatch.SIZE) ? in.size(row) : allocators.frameBytes(owner);
      number += 1 - isFree;
      calls.allocator[row] = owner;
      calls.slot[row] = slot;
      calls.flags[row] = (byte) (RecordedCalls.PLAIN | RecordedCalls.ENDS * isFree);
      calls.inside[row] = 0;
      calls.before[row] = frames.ordinal(slot);
      calls.number[row] = number & (isFree - 1L);
      calls.framesOut[row] = allocators.framesOut(owner);
      frames.turn(slot, isFree, size, number);
    }
    allocations = number;
    return row;
  }

  private void resolveRow(EventBatch in, int row, RecordedCalls calls) {
    calls.begin(row);
    Op op = Op.of(in.op(row));
    int layer = in.layer(row);
    if (layer == Layer.NONE.code() || op == null) {
      return;
    }
    boolean hasContext = in.has(row, EventBatch.CONTEXT);
    if (layer != Layer.CALLBACK.code()) {
      if (op == Op.ALLOCATE || op == Op.FREE) {
        int owner = hasContext ? allocators.resolve(in.context(row)) : AllocatorTable.UNKNOWN;
        calls.allocator[row] = owner;
        find(owner, in.has(row, EventBatch.FRAME) ? in.frame(row) : 0, row, calls);
      }
    } else if (!hasContext) {
      return;
    } else if (op == Op.INITIALIZE) {
      if (madeOne(in, row)) {
        calls.allocator[row] = allocators.made(in.context(row), in.framing(row));
      }
    } else if (op == Op.ALLOCATE) {
      allocate(in, row, calls);
    } else if (op == Op.FREE && in.has(row, EventBatch.FRAME)) {
      free(in, row, calls);
    } else if (op == Op.DELETE) {
      int deleted = allocators.resolve(in.context(row));
      calls.allocator[row] = deleted;
      if (deleted != AllocatorTable.UNKNOWN) {
        allocators.delete(deleted);
      }
    }
  }

  /** Whether an initialize made an allocator in the recording. */
  static boolean madeOne(EventBatch in, int row) {
    return in.has(row, EventBatch.STATUS)
        ? NtStatus.isSuccess(in.status(row))
        : in.has(row, EventBatch.CONTEXT);
  }

  private void allocate(EventBatch in, int row, RecordedCalls calls) {
    int owner = allocators.resolve(in.context(row));
    calls.allocator[row] = owner;
    calls.number[row] = ++allocations;
    calls.framesOut[row] = allocators.framesOut(owner);
    // A call that never returned has no frame; nobody got one from it either.
    long recorded = in.has(row, EventBatch.FRAME) ? in.frame(row) : 0;
    if (recorded == 0) {
      return;
    }
    long bytes = in.has(row, EventBatch.SIZE) ? in.size(row) : allocators.frameBytes(owner);
    calls.slot[row] = frames.allocate(owner, recorded, bytes, allocations);
    calls.before[row] = frames.before();
    boolean plain = owner != AllocatorTable.UNKNOWN && !frames.isTwice();
    calls.flags[row] =
        (byte)
            ((plain ? RecordedCalls.PLAIN : 0)
                | (frames.isFresh() ? RecordedCalls.FRESH : 0)
                | (frames.isTwice() ? RecordedCalls.TWICE : 0)
                | (frames.wasInUse() ? RecordedCalls.IN_USE : 0));
  }

  private void free(EventBatch in, int row, RecordedCalls calls) {
    int owner = allocators.resolve(in.context(row));
    calls.allocator[row] = owner;
    int found = find(owner, in.frame(row), row, calls);
    if (found != FrameTable.NONE && calls.inside[row] == 0 && frames.allocator(found) == owner) {
      boolean known = owner != AllocatorTable.UNKNOWN;
      calls.flags[row] = (byte) (RecordedCalls.ENDS | (known ? RecordedCalls.PLAIN : 0));
      frames.free(found);
    }
  }

  private int find(int owner, long recorded, int row, RecordedCalls calls) {
    if (recorded == 0) {
      return FrameTable.NONE;
    }
    int found = frames.resolve(owner, recorded);
    calls.slot[row] = found;
    calls.inside[row] = found == FrameTable.NONE ? 0 : frames.offset();
    return found;
  }

  /** The allocators behind the last batch. */
  AllocatorTable allocators() {
    return allocators;
  }

  /** The frames behind the last batch. */
  FrameTable frames() {
    return frames;
  }
}
