package dev.kstrace.replay;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;

/**
 * What each row of a batch means: which allocator its context names, which frame its address is,
 * and what that frame was before.
 *
 * <p>All of it follows from the recording alone, so rows can be resolved before any target has
 * answered. That is what lets calls travel in batches. Not thread-safe.
 */
final class RecordedCalls {
  /** The frame is the called allocator's own, and the free ends its life. */
  private static final int ENDS = 1;

  /** The address was live already when it was handed out. */
  private static final int TWICE = 2;

  /** The slot stands for another frame than ever before. */
  private static final int FRESH = 4;

  /** The address was in use by the allocation that got it last. */
  private static final int IN_USE = 8;

  private final AllocatorTable allocators = new AllocatorTable();
  private final FrameTable frames = new FrameTable(allocators);
  private final int[] allocator;
  private final int[] slot;
  private final byte[] flags;
  private final long[] inside;
  private final long[] before;
  private final long[] number;
  private final long[] framesOut;
  private long allocations;

  /** Room for as many rows as a batch can have. */
  RecordedCalls(int rows) {
    allocator = new int[rows];
    slot = new int[rows];
    flags = new byte[rows];
    inside = new long[rows];
    before = new long[rows];
    number = new long[rows];
    framesOut = new long[rows];
  }

  /** Resolves all rows of a batch; the answers hold until the next one. */
  void resolve(EventBatch in) {
    resolve(in, 0, in.rows());
  }

  /** Resolves rows from one to before another; those before were resolved already. */
  void resolve(EventBatch in, int from, int to) {
    for (int row = from; row < to; row++) {
      resolve(in, row);
    }
  }

  private void resolve(EventBatch in, int row) {
    allocator[row] = AllocatorTable.UNKNOWN;
    slot[row] = FrameTable.NONE;
    flags[row] = 0;
    inside[row] = 0;
    Op op = Op.of(in.op(row));
    int layer = in.layer(row);
    if (layer == Layer.NONE.code() || op == null) {
      return;
    }
    boolean hasContext = in.has(row, EventBatch.CONTEXT);
    if (layer != Layer.CALLBACK.code()) {
      if (op == Op.ALLOCATE || op == Op.FREE) {
        allocator[row] = hasContext ? allocators.resolve(in.context(row)) : AllocatorTable.UNKNOWN;
        find(row, in.has(row, EventBatch.FRAME) ? in.frame(row) : 0);
      }
    } else if (!hasContext) {
      return;
    } else if (op == Op.INITIALIZE) {
      if (madeOne(in, row)) {
        allocator[row] = allocators.made(in.context(row), in.framing(row));
      }
    } else if (op == Op.ALLOCATE) {
      allocator[row] = allocators.resolve(in.context(row));
      allocate(in, row);
    } else if (op == Op.FREE && in.has(row, EventBatch.FRAME)) {
      allocator[row] = allocators.resolve(in.context(row));
      free(in, row);
    } else if (op == Op.DELETE) {
      allocator[row] = allocators.resolve(in.context(row));
      if (allocator[row] != AllocatorTable.UNKNOWN) {
        allocators.delete(allocator[row]);
      }
    }
  }

  /** Whether an initialize made an allocator in the recording. */
  static boolean madeOne(EventBatch in, int row) {
    return in.has(row, EventBatch.STATUS)
        ? NtStatus.isSuccess(in.status(row))
        : in.has(row, EventBatch.CONTEXT);
  }

  private void allocate(EventBatch in, int row) {
    int owner = allocator[row];
    number[row] = ++allocations;
    framesOut[row] = allocators.framesOut(owner);
    // A call that never returned has no frame; nobody got one from it either.
    long recorded = in.has(row, EventBatch.FRAME) ? in.frame(row) : 0;
    if (recorded == 0) {
      return;
    }
    long bytes = in.has(row, EventBatch.SIZE) ? in.size(row) : allocators.frameBytes(owner);
    slot[row] = frames.allocate(owner, recorded, bytes, number[row]);
    before[row] = frames.before();
    flags[row] =
        (byte)
            ((frames.isFresh() ? FRESH : 0)
                | (frames.isTwice() ? TWICE : 0)
                | (frames.wasInUse() ? IN_USE : 0));
  }

  private void free(EventBatch in, int row) {
    find(row, in.frame(row));
    int found = slot[row];
    if (found != FrameTable.NONE && inside[row] == 0 && frames.allocator(found) == allocator[row]) {
      flags[row] |= ENDS;
      frames.free(found);
    }
  }

  private void find(int row, long recorded) {
    if (recorded != 0) {
      slot[row] = frames.resolve(allocator[row], recorded);
      inside[row] = slot[row] == FrameTable.NONE ? 0 : frames.offset();
    }
  }

  /** The allocator that is called or made, or {@link AllocatorTable#UNKNOWN}. */
  int allocator(int row) {
    return allocator[row];
  }

  /** The slot of the frame, or {@link FrameTable#NONE}. */
  int slot(int row) {
    return slot[row];
  }

  /** Bytes from the start of the frame to the address that was freed. */
  long inside(int row) {
    return inside[row];
  }

  /** Whether a free ends the life of a frame of the allocator that is called. */
  boolean ends(int row) {
    return (flags[row] & ENDS) != 0;
  }

  /** Whether the allocator returned an address that it had handed out already. */
  boolean isTwice(int row) {
    return (flags[row] & TWICE) != 0;
  }

  /** Whether the slot was never used, or for another frame, before this row. */
  boolean isFresh(int row) {
    return (flags[row] & FRESH) != 0;
  }

  /** Whether the address that an allocate returned was in use by whoever got it last. */
  boolean wasInUse(int row) {
    return (flags[row] & IN_USE) != 0;
  }

  /** The number of the allocation that got the address last before this one; 0 = none. */
  long before(int row) {
    return before[row];
  }

  /** The number of an allocation, ascending from 1. */
  long number(int row) {
    return number[row];
  }

  /** Frames of the allocator that were out before an allocate. */
  long framesOut(int row) {
    return framesOut[row];
  }

  /** The allocators behind the last batch. */
  AllocatorTable allocators() {
    return allocators;
  }

  /** The frames behind the last batch. */
  FrameTable frames() {
    return frames;
  }

  /** FrameSize of an allocator in bytes; 0 = none or unknown. */
  long frameBytes(int of) {
    return allocators.frameBytes(of);
  }

  /** Frames of an allocator that may be out at once; 0 = any number, or unknown. */
  long frameLimit(int of) {
    return allocators.frameLimit(of);
  }
}
