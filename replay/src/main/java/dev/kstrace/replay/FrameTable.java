package dev.kstrace.replay;

import dev.kstrace.traces.LongIntMap;
import java.util.Arrays;

/**
 * The recording's frames, one slot each.
 *
 * <p>A slot is an address in one allocator; each successful allocate there is a new generation of
 * it. The slots of one address form a chain, the one handed out last in front. What is kept grows
 * with the number of different addresses, not with the number of events. Not thread-safe.
 */
final class FrameTable {
  /** No slot. */
  static final int NONE = -1;

  /** Chains may grow to this many slots before live frames of deleted allocators are forgotten. */
  private static final int LONG_CHAIN = 16;

  private final AllocatorTable allocators;
  private final LiveRanges ranges = new LiveRanges();
  private final LongIntMap heads = new LongIntMap();
  private int used;
  private int firstUnused = NONE;
  private long offset;
  private long before;
  private boolean wasInUse;
  private boolean isFresh;
  private boolean isTwice;

  private int[] next = new int[64];
  private int[] allocator = new int[64];

  /** 1 = live: a number, so that it can be computed with. */
  private byte[] live = new byte[64];

  private long[] address = new long[64];
  private long[] bytes = new long[64];
  private long[] ordinal = new long[64];

  FrameTable(AllocatorTable allocators) {
    this.allocators = allocators;
  }

  /**
   * The slot that a recorded address means when an allocator is called with it, or {@link #NONE}.
   *
   * <p>In this order: live in this allocator, live in another (the newest), inside a live frame,
   * once freed in this allocator, once freed anywhere. {@link #offset} tells how far inside.
   */
  int resolve(int owner, long recorded) {
    offset = 0;
    int head = head(recorded);
    int freed = NONE;
    int elsewhere = NONE;
    for (int slot = head; slot != NONE; slot = next[slot]) {
      if (allocator[slot] == owner) {
        if (live[slot] != 0) {
          return slot;
        }
        freed = slot;
      } else if (live[slot] != 0 && elsewhere == NONE) {
        elsewhere = slot;
      }
    }
    if (elsewhere != NONE) {
      return elsewhere;
    }
    int around = enclosing(owner, recorded);
    if (around != NONE) {
      return around;
    }
    return freed != NONE ? freed : head;
  }

  /** Bytes from the start of the slot last resolved to the address that was asked for. */
  long offset() {
    return offset;
  }

  private int enclosing(int owner, long recorded) {
    if (!ranges.isActive()) {
      ranges.activate();
      for (int slot = 0; slot < used; slot++) {
        if (live[slot] != 0) {
          ranges.add(address[slot]);
        }
      }
    }
    Long base = ranges.below(recorded);
    if (base == null) {
      return NONE;
    }
    int found = NONE;
    for (int slot = head(base); slot != NONE; slot = next[slot]) {
      boolean covers = live[slot] != 0 && Long.compareUnsigned(recorded - base, bytes[slot]) < 0;
      if (covers && (found == NONE || allocator[slot] == owner)) {
        found = slot;
      }
    }
    if (found != NONE) {
      offset = recorded - base;
    }
    return found;
  }

  /** The slot of an address in an allocator, live or not, or {@link #NONE}. */
  int find(int owner, long recorded) {
    return inChain(head(recorded), owner);
  }

  private int inChain(int head, int owner) {
    int slot = head;
    while (slot != NONE && allocator[slot] != owner) {
      slot = next[slot];
    }
    return slot;
  }

  /**
   * A new generation of an address.
   *
   * @param owner the allocator that returned it
   * @param recorded the address
   * @param size bytes from there on that belong to the frame; 0 = unknown
   * @param number the number of the allocation, ascending from 1
   * @return its slot, live; {@link #before} and what stands behind it tell what was there before
   */
  int allocate(int owner, long recorded, long size, long number) {
    int head = head(recorded);
    int slot = inChain(head, owner);
    before = head == NONE ? 0 : ordinal[head];
    wasInUse = head != NONE && live[head] != 0 && !allocators.isDeleted(allocator[head]);
    isFresh = slot == NONE;
    isTwice = slot != NONE && live[slot] != 0;
    if (slot == NONE) {
      prune(recorded);
      slot = unused();
      address[slot] = recorded;
      allocator[slot] = owner;
      putInFront(slot);
    } else if (slot != head) {
      unlink(slot);
      putInFront(slot);
    }
    if (live[slot] == 0) {
      live[slot] = 1;
      allocators.count(owner, 1);
    }
    bytes[slot] = size;
    ordinal[slot] = number;
    ranges.add(recorded);
    return slot;
  }

  /**
   * The slot of an address that an allocator hands out or takes back as nearly always, or {@link
   * #NONE}: it handed it out before, nobody has since, and it is not out, or is where it comes
   * back. Nothing is changed.
   *
   * @param isFree 1 = it comes back
   */
  int ordinary(int owner, long recorded, int isFree) {
    int slot = head(recorded);
    return slot != NONE && allocator[slot] == owner && live[slot] == isFree && !ranges.isActive()
        ? slot
        : NONE;
  }

  /**
   * What {@link #allocate} or {@link #free} does with such a slot, in a way that is the same for
   * both: processors cannot guess which of them comes next.
   *
   * @param size as in {@link #allocate}; anything where the frame comes back, as is the number
   */
  void turn(int slot, int isFree, long size, long number) {
    long kept = -isFree;
    live[slot] = (byte) (1 - isFree);
    bytes[slot] = (bytes[slot] & kept) | (size & ~kept);
    ordinal[slot] = (ordinal[slot] & kept) | (number & ~kept);
    allocators.count(allocator[slot], 1 - 2 * isFree);
  }

  /** The number of the allocation that got the address before the last allocate; 0 = none. */
  long before() {
    return before;
  }

  /** Whether it was in use by that allocation, of whichever allocator. */
  boolean wasInUse() {
    return wasInUse;
  }

  /** Whether the allocator of the last allocate never handed out the address before. */
  boolean isFresh() {
    return isFresh;
  }

  /** Whether that allocator had the address out already. */
  boolean isTwice() {
    return isTwice;
  }

  /** Ends the generation of a slot. */
  void free(int slot) {
    if (live[slot] != 0) {
      live[slot] = 0;
      allocators.count(allocator[slot], -1);
    }
    if (!ranges.isActive()) {
      return;
    }
    int other = head(address[slot]);
    while (other != NONE && live[other] == 0) {
      other = next[other];
    }
    if (other == NONE) {
      ranges.remove(address[slot]);
    }
  }

  /** How many slots there are; their numbers begin with 0. */
  int slots() {
    return used;
  }

  /** The address of a slot. */
  long address(int slot) {
    return address[slot];
  }

  /** The number of the allocation that a slot stands for. */
  long ordinal(int slot) {
    return ordinal[slot];
  }

  /** Whether a slot's newest generation was not freed yet. */
  boolean isLive(int slot) {
    return live[slot] != 0;
  }

  /** The number of the allocator that a slot belongs to. */
  int allocator(int slot) {
    return allocator[slot];
  }

  private int head(long recorded) {
    int head = heads.get(recorded);
    return head == LongIntMap.ABSENT ? NONE : head;
  }

  private void putInFront(int slot) {
    next[slot] = head(address[slot]);
    heads.put(address[slot], slot);
  }

  /** Takes a slot that is not the first of its chain out of it. */
  private void unlink(int slot) {
    int before = head(address[slot]);
    while (next[before] != slot) {
      before = next[before];
    }
    next[before] = next[slot];
  }

  /** Forgets slots behind the first one of a chain that hardly any call can mean any more. */
  private void prune(long recorded) {
    int before = head(recorded);
    if (before == NONE) {
      return;
    }
    int length = 1;
    for (int slot = next[before]; slot != NONE; slot = next[before]) {
      boolean gone = allocators.isDeleted(allocator[slot]);
      if (gone && (live[slot] == 0 || length >= LONG_CHAIN)) {
        next[before] = next[slot];
        live[slot] = 0;
        next[slot] = firstUnused;
        firstUnused = slot;
      } else {
        before = slot;
        length++;
      }
    }
  }

  private int unused() {
    if (firstUnused != NONE) {
      int slot = firstUnused;
      firstUnused = next[slot];
      return slot;
    }
    if (used == next.length) {
      grow();
    }
    return used++;
  }

  private void grow() {
    int size = used * 2;
    next = Arrays.copyOf(next, size);
    allocator = Arrays.copyOf(allocator, size);
    live = Arrays.copyOf(live, size);
    address = Arrays.copyOf(address, size);
    bytes = Arrays.copyOf(bytes, size);
    ordinal = Arrays.copyOf(ordinal, size);
  }
}
