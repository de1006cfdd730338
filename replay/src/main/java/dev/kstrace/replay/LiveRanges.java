package dev.kstrace.replay;

import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of live frames in ascending order, to find the frame that an address lies in.
 *
 * <p>Only recordings with wrong frees ever ask, so nothing is kept before the first question. Not
 * thread-safe.
 */
final class LiveRanges {
  private @Nullable TreeSet<Long> sorted;

  /** Whether addresses are kept. */
  boolean isActive() {
    return sorted != null;
  }

  /** Starts keeping addresses; the caller adds those that are live already. */
  void activate() {
    sorted = new TreeSet<>();
  }

  /** A frame at this address became live; nothing happens while inactive. */
  void add(long address) {
    if (sorted != null) {
      sorted.add(address ^ Long.MIN_VALUE);
    }
  }

  /** No frame at this address is live any more; nothing happens while inactive. */
  void remove(long address) {
    if (sorted != null) {
      sorted.remove(address ^ Long.MIN_VALUE);
    }
  }

  /** The highest live address below this one, unsigned, or null where there is none. */
  @Nullable Long below(long address) {
    if (sorted == null) {
      return null;
    }
    Long found = sorted.lower(address ^ Long.MIN_VALUE);
    return found == null ? null : found ^ Long.MIN_VALUE;
  }
}
