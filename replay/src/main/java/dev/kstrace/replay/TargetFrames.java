package dev.kstrace.replay;

import dev.kstrace.traces.LongIntMap;
import java.util.Arrays;

/**
 * What the target did with each address that it ever handed out: who got it last, and whether it is
 * still in use. Not thread-safe.
 */
final class TargetFrames {
  private final TargetBooks books;
  private final LongIntMap index = new LongIntMap();
  private int used;
  private int[] allocator = new int[64];
  private boolean[] live = new boolean[64];
  private long[] ordinal = new long[64];

  TargetFrames(TargetBooks books) {
    this.books = books;
  }

  /** Whether the target ever handed out this address. */
  boolean knows(long frame) {
    return index.get(frame) != LongIntMap.ABSENT;
  }

  /** The number of the allocation that was given this address last; 0 = none. */
  long lastOrdinal(long frame) {
    int i = index.get(frame);
    return i == LongIntMap.ABSENT ? 0 : ordinal[i];
  }

  /** Whether the address is in use by the allocation that was given it last. */
  boolean isInUse(long frame) {
    int i = index.get(frame);
    return i != LongIntMap.ABSENT && live[i] && !books.isDeleted(allocator[i]);
  }

  /** An allocator of the target returned this address. */
  void allocate(int owner, long frame, long number) {
    int i = index.get(frame);
    if (i == LongIntMap.ABSENT) {
      if (used == allocator.length) {
        allocator = Arrays.copyOf(allocator, used * 2);
        live = Arrays.copyOf(live, used * 2);
        ordinal = Arrays.copyOf(ordinal, used * 2);
      }
      i = used++;
      index.put(frame, i);
    }
    allocator[i] = owner;
    live[i] = true;
    ordinal[i] = number;
  }

  /** This address was sent to an allocator's free; a wrong allocator's leaves it as it is. */
  void free(int owner, long frame) {
    int i = index.get(frame);
    if (i != LongIntMap.ABSENT && allocator[i] == owner) {
      live[i] = false;
    }
  }
}
