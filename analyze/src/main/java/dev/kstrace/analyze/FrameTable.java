package dev.kstrace.analyze;

import java.util.Arrays;
import java.util.function.LongPredicate;

/**
 * The frames of one allocator at one layer, by address.
 *
 * <p>An address has one record. When it is handed out again, that is a new frame with a new id and
 * the next generation, in the same record. Records, each as long as a cache line, lie side by side
 * in the order in which their addresses came, so that a new one is written where the processor
 * expects it, whatever its address; an index finds them. Slots stay valid until the next {@link
 * #forget}. Not thread-safe.
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

  /** Places in the index for each record that there is room for. */
  private static final int INDEX_PER_RECORD = 2;

  /** Records that a processor keeps close by, of a few allocators at a time. */
  private static final int CLOSE = 1 << 10;

  private final int layer;
  private long[] data = new long[SMALLEST * RECORD];

  /** By the hash of an address, the number of its record, from 1 on; 0 = none. */
  private int[] index = new int[INDEX_PER_RECORD * SMALLEST];

  private int shift = shiftOf(index.length);
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
    int[] in = index;
    int mask = in.length - 1;
    int at = home(address, shift);
    int record = in[at];
    while (record != 0) {
      int slot = (record - 1) * RECORD;
      if (data[slot] == address) {
        return slot;
      }
      at = (at + 1) & mask;
      record = in[at];
    }
    return ABSENT;
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
    int slot = count * RECORD;
    if (slot == data.length) {
      data = Arrays.copyOf(data, 2 * slot);
      rebuildIndex(INDEX_PER_RECORD * 2 * count);
    }
    data[slot + ADDRESS] = address;
    enter(address, ++count);
    return slot;
  }

  private void enter(long address, int record) {
    int at = home(address, shift);
    while (index[at] != 0) {
      at = (at + 1) & (index.length - 1); // its length is a power of two
    }
    index[at] = record;
  }

  private void rebuildIndex(int length) {
    index = new int[length];
    shift = shiftOf(length);
    for (int record = 1; record <= count; record++) {
      enter(data[(record - 1) * RECORD + ADDRESS], record);
    }
  }

  private static int home(long address, int shift) {
    return (int) ((address * 0x9E3779B97F4A7C15L) >>> shift);
  }

  private static int shiftOf(int length) {
    return Long.SIZE - Integer.numberOfTrailingZeros(length);
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
    int slot = previous == ABSENT ? 0 : previous + RECORD;
    while (slot < count * RECORD && state(slot) == NONE) {
      slot += RECORD;
    }
    return slot < count * RECORD ? slot : ABSENT;
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
    for (int slot = 0; slot < count * RECORD; slot += RECORD) {
      if (state(slot) == FREED && frameId(slot) <= frameId && !spared.test(address(slot))) {
        forgotten.add(address(slot));
      } else {
        if (kept != slot) {
          System.arraycopy(data, slot, data, kept, RECORD);
        }
        kept += RECORD;
      }
    }
    if (kept == count * RECORD) {
      return;
    }
    Arrays.fill(data, kept, count * RECORD, 0);
    count = kept / RECORD;
    int room = SMALLEST;
    while (room < 2 * count) {
      room *= 2;
    }
    if (room < data.length / RECORD) {
      data = Arrays.copyOf(data, room * RECORD);
    }
    rebuildIndex(INDEX_PER_RECORD * data.length / RECORD);
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
