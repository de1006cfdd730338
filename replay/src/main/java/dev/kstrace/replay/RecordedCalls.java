package dev.kstrace.replay;

/**
 * What each row of a batch means: which allocator its context names, which frame its address is,
 * and what that frame was before; see {@link CallResolver}. Not thread-safe.
 */
final class RecordedCalls {
  /** The frame is the called allocator's own, and the free ends its life. */
  static final int ENDS = 1;

  /** The address was live already when it was handed out. */
  static final int TWICE = 2;

  /** The slot stands for another frame than ever before. */
  static final int FRESH = 4;

  /** The address was in use by the allocation that got it last. */
  static final int IN_USE = 8;

  int[] allocator;
  int[] slot;
  byte[] flags;
  long[] inside;
  long[] before;
  long[] number;
  long[] framesOut;

  /** See {@link #areCalm}. */
  boolean calm;

  /**
   * An allocate or a free of a known allocator's frame, with nothing about it that is unusual: the
   * allocate handed out what was not out, the free ends it.
   */
  static final int PLAIN = 16;

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

  /** A row that means nothing so far. */
  void begin(int row) {
    allocator[row] = AllocatorTable.UNKNOWN;
    slot[row] = FrameTable.NONE;
    flags[row] = 0;
    inside[row] = 0;
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

  /** Whether it is an allocate or a free with nothing unusual about it. */
  boolean isPlain(int row) {
    return (flags[row] & PLAIN) != 0;
  }

  /**
   * Whether all rows are plain, each has the {@code seq} behind that of the row before it, and
   * began and returned when that one had returned.
   */
  boolean areCalm() {
    return calm;
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

  /** From now on this is what another one is, in the same memory. */
  void share(RecordedCalls other) {
    allocator = other.allocator;
    slot = other.slot;
    flags = other.flags;
    inside = other.inside;
    before = other.before;
    number = other.number;
    framesOut = other.framesOut;
    calm = other.calm;
  }
}
