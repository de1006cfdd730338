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
  private long before;
  private boolean wasInUse;
  private long[] address = new long[64];
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

  /**
   * An allocator of the target returned this address; {@link #before} and {@link #wasInUse} tell
   * what it was before.
   *
   * @return where that is kept, which {@link #free(int, long, int)} may be told
   */
  int allocate(int owner, long frame, long number) {
    int i = index.get(frame);
    boolean known = i != LongIntMap.ABSENT;
    before = known ? ordinal[i] : 0;
    wasInUse = known && live[i] && !books.isDeleted(allocator[i]);
    if (!known) {
      if (used == allocator.length) {
        address = Arrays.copyOf(address, used * 2);
        allocator = Arrays.copyOf(allocator, used * 2);
        live = Arrays.copyOf(live, used * 2);
        ordinal = Arrays.copyOf(ordinal, used * 2);
      }
      i = used++;
      address[i] = frame;
      index.put(frame, i);
    }
    allocator[i] = owner;
    live[i] = true;
    ordinal[i] = number;
    return i;
  }

  /** The number of the allocation that got the address before the last allocate; 0 = none. */
  long before() {
    return before;
  }

  /** Whether it was in use by that allocation. */
  boolean wasInUse() {
    return wasInUse;
  }

  /** This address was sent to an allocator's free; a wrong allocator's leaves it as it is. */
  void free(int owner, long frame) {
    end(owner, index.get(frame));
  }

  /**
   * As {@link #free(int, long)}, quicker where the caller is right.
   *
   * @param likely where the address is probably kept, at least 0
   */
  void free(int owner, long frame, int likely) {
    boolean isThere = likely < used && address[likely] == frame;
    end(owner, isThere ? likely : index.get(frame));
  }

  private void end(int owner, int i) {
    if (i != LongIntMap.ABSENT && allocator[i] == owner) {
      live[i] = false;
    }
  }
}
