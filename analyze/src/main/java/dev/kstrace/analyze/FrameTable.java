package dev.kstrace.analyze;

import java.util.function.LongPredicate;

/**
 * The frames of one allocator at one layer, by address.
 *
 * <p>An address has one record. When it is handed out again, that is a new frame with a new id and
 * the next generation, in the same record. Open addressing over one array, in which a record is as
 * long as a cache line, since every allocate and free touches one. Slots stay valid until the next
 * {@link #add} or {@link #forget}. Not thread-safe.
 */
final class FrameTable {
  /** What {@link #find} answers for an address that it does not know. */
  static final int ABSENT = -1;

  /** Handed out and not yet freed. */
  static final int LIVE = 1;

  /** Freed. */
  static final int FREED = 2;

  /** Not freed when its allocator was deleted. */
  static final int ORPHANED = 3;

  /**
   * Handed out by a call whose result contradicts itself: a free of it is no fault, nor is none.
   */
  static final int GHOST = 4;

  /** The state of no record. */
  private static final int NONE = 0;

  // A record: the offsets of its longs. An address of 0 is no record.
  private static final int ADDRESS = 0;
  private static final int ALLOCATE_SEQ = 1;
  private static final int ALLOCATE_TIME = 2;
  private static final int FRAME_ID = 3;
  private static final int SIZE = 4;
  private static final int FREE_SEQ = 5;
  private static final int THREAD_AND_EPOCH = 6;
  private static final int FLAGS_AND_GENERATION = 7;
  private static final int RECORD = 8;

  // The low half of FLAGS_AND_GENERATION.
  private static final int STATE = 7;
  private static final int THREAD_KNOWN = 1 << 3;
  private static final int SIZE_KNOWN = 1 << 4;
  private static final int ALLOCATOR_DOUBT = 1 << 5;

  /** That {@link LiveRanges} has an entry of the frame; may be added to {@link #flags}. */
  static final int PLACED = 1 << 6;

  private static final int SMALLEST = 8;

  /** Records that a processor keeps close by, of a few allocators at a time. */
  private static final int CLOSE = 1 << 10;

  private final int layer;
  private long[] data = new long[SMALLEST * RECORD];
  private int shift = Long.SIZE - Integer.numberOfTrailingZeros(SMALLEST);
  private int count;
  private int live;
  private int liveSinceLoss;
  private int liveEpoch;

  /** No frames of a layer. */
  FrameTable(int layer) {
    this.layer = layer;
  }

  /** The layer, as a code. */
  int layer() {
    return layer;
  }

  /** The slot of an address other than 0, or {@link #ABSENT}. */
  int find(long address) {
    int slot = home(address);
    long found = address(slot);
    while (found != address && found != 0) {
      slot = next(slot);
      found = address(slot);
    }
    return found == 0 ? ABSENT : slot;
  }

  /**
   * As {@link #find(long)}, but looks first where the answer was before.
   *
   * @param before an earlier answer, whatever has happened since
   */
  int find(long address, int before) {
    boolean still = before != ABSENT && before < data.length && address(before) == address;
    return still ? before : find(address);
  }

  /**
   * A new record of generation 0 for an address that is absent and not 0; its state is still to be
   * set.
   */
  int add(long address) {
    if (2 * (count + 1) > data.length / RECORD) {
      rebuild(2 * data.length);
    }
    int slot = home(address);
    while (address(slot) != 0) {
      slot = next(slot);
    }
    data[slot + ADDRESS] = address;
    count++;
    return slot;
  }

  private int home(long address) {
    return (int) ((address * 0x9E3779B97F4A7C15L) >>> shift) * RECORD;
  }

  private int next(int slot) {
    return (slot + RECORD) & (data.length - 1); // its length is a power of two
  }

  /** Records that it holds. */
  int count() {
    return count;
  }

  /** Whether its records are so many that the processor does not have them close by. */
  boolean isFar() {
    return count > CLOSE;
  }

  /** Frames that were counted as allocated and not as freed. */
  int live() {
    return live;
  }

  /**
   * How many of these were allocated after the last loss.
   *
   * @param epoch losses so far
   */
  int liveSinceLoss(int epoch) {
    return liveEpoch == epoch ? liveSinceLoss : 0;
  }

  /** Counts a frame that is live from now on. */
  void countAllocated(int epoch) {
    if (liveEpoch != epoch) {
      liveEpoch = epoch;
      liveSinceLoss = 0;
    }
    live++;
    liveSinceLoss++;
  }

  /**
   * Counts a frame that is no longer live.
   *
   * @param allocatedSinceLoss whether it was allocated after the last loss
   */
  void countFreed(int epoch, boolean allocatedSinceLoss) {
    live--;
    if (allocatedSinceLoss && liveEpoch == epoch) {
      liveSinceLoss--;
    }
  }

  /** The first slot in use behind another one; {@link #ABSENT} begins and ends the walk. */
  int nextInUse(int previous) {
    int first = previous == ABSENT ? 0 : previous + RECORD;
    for (int slot = first; slot < data.length; slot += RECORD) {
      if (state(slot) != NONE) {
        return slot;
      }
    }
    return ABSENT;
  }

  /** Makes the live frames orphans; how many frames there are that a free could still end. */
  int orphan() {
    int unfreed = 0;
    for (int slot = nextInUse(ABSENT); slot != ABSENT; slot = nextInUse(slot)) {
      if (isLive(slot)) {
        setState(slot, ORPHANED);
      }
      unfreed += isUnfreed(slot) ? 1 : 0;
    }
    return unfreed;
  }

  /**
   * Drops the records of freed frames up to an id.
   *
   * @param spared addresses that stay
   * @param forgotten gets the others
   */
  void forget(long frameId, LongPredicate spared, AddressFilter forgotten) {
    int kept = 0;
    for (int slot = 0; slot < data.length; slot += RECORD) {
      if (state(slot) == FREED && frameId(slot) <= frameId && !spared.test(address(slot))) {
        forgotten.add(address(slot));
        setState(slot, NONE);
      } else {
        kept += state(slot) == NONE ? 0 : 1;
      }
    }
    if (kept == count) {
      return;
    }
    int records = SMALLEST;
    while (3 * kept > records) {
      records *= 2;
    }
    rebuild(records * RECORD);
  }

  /** Moves the records to an array of another length. */
  private void rebuild(int length) {
    long[] old = data;
    long[] fresh = new long[length];
    int freshShift = Long.SIZE - Integer.numberOfTrailingZeros(length / RECORD);
    int moved = 0;
    for (int from = nextInUse(ABSENT); from != ABSENT; from = nextInUse(from)) {
      int to = (int) ((old[from + ADDRESS] * 0x9E3779B97F4A7C15L) >>> freshShift) * RECORD;
      while (fresh[to + ADDRESS] != 0) {
        to = to + RECORD == length ? 0 : to + RECORD;
      }
      System.arraycopy(old, from, fresh, to, RECORD);
      moved++;
    }
    data = fresh;
    shift = freshShift;
    count = moved;
  }

  // A record.

  /** One of the states of this class. */
  int state(int slot) {
    return (int) data[slot + FLAGS_AND_GENERATION] & STATE;
  }

  boolean isLive(int slot) {
    return slot != ABSENT && state(slot) == LIVE;
  }

  boolean isUnfreed(int slot) {
    return slot != ABSENT && state(slot) != FREED;
  }

  long address(int slot) {
    return data[slot + ADDRESS];
  }

  /** How many frames began at the address so far, this one included. */
  int generation(int slot) {
    return (int) (data[slot + FLAGS_AND_GENERATION] >>> 32);
  }

  /** Number of the frame among all; 0 for a ghost. */
  long frameId(int slot) {
    return data[slot + FRAME_ID];
  }

  long allocateSeq(int slot) {
    return data[slot + ALLOCATE_SEQ];
  }

  long allocateTime(int slot) {
    return data[slot + ALLOCATE_TIME];
  }

  boolean isThreadKnown(int slot) {
    return has(slot, THREAD_KNOWN);
  }

  int thread(int slot) {
    return (int) data[slot + THREAD_AND_EPOCH];
  }

  boolean isSizeKnown(int slot) {
    return has(slot, SIZE_KNOWN);
  }

  long size(int slot) {
    return data[slot + SIZE];
  }

  /** Whether something about its allocator was in doubt when it was handed out. */
  boolean allocatorDoubt(int slot) {
    return has(slot, ALLOCATOR_DOUBT);
  }

  /** Whether {@link LiveRanges} has an entry of this frame. */
  boolean isPlaced(int slot) {
    return has(slot, PLACED);
  }

  long freeSeq(int slot) {
    return data[slot + FREE_SEQ];
  }

  /** Losses before the allocate, and once it is freed, before the free. */
  int lossEpoch(int slot) {
    return (int) (data[slot + THREAD_AND_EPOCH] >>> 32);
  }

  private boolean has(int slot, int flag) {
    return (data[slot + FLAGS_AND_GENERATION] & flag) != 0;
  }

  /** A state and what is known, as {@link #begin} takes it. */
  static int flags(int state, boolean size, boolean thread, boolean allocatorDoubt) {
    return state
        | (size ? SIZE_KNOWN : 0)
        | (thread ? THREAD_KNOWN : 0)
        | (allocatorDoubt ? ALLOCATOR_DOUBT : 0);
  }

  /** Makes the record the next frame at its address. */
  void begin(
      int slot,
      long frameId,
      long seq,
      long time,
      long size,
      int thread,
      int lossEpoch,
      int flags) {
    data[slot + ALLOCATE_SEQ] = seq;
    data[slot + ALLOCATE_TIME] = time;
    data[slot + FRAME_ID] = frameId;
    data[slot + SIZE] = size;
    data[slot + THREAD_AND_EPOCH] = (long) lossEpoch << 32 | (thread & 0xFFFFFFFFL);
    data[slot + FLAGS_AND_GENERATION] = (generation(slot) + 1L) << 32 | flags;
  }

  void setPlaced(int slot, boolean placed) {
    if (placed) {
      data[slot + FLAGS_AND_GENERATION] |= PLACED;
    } else {
      data[slot + FLAGS_AND_GENERATION] &= ~PLACED;
    }
  }

  void setState(int slot, int state) {
    data[slot + FLAGS_AND_GENERATION] = (data[slot + FLAGS_AND_GENERATION] & ~STATE) | state;
  }

  /** Notes the latest free of the address. */
  void setFree(int slot, long seq, int lossEpoch) {
    data[slot + FREE_SEQ] = seq;
    data[slot + THREAD_AND_EPOCH] =
        (data[slot + THREAD_AND_EPOCH] & 0xFFFFFFFFL) | (long) lossEpoch << 32;
  }
}
