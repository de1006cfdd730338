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
    for (int row = 0; row < rows; row++) {
      resolveRow(in, row, calls);
    }
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
