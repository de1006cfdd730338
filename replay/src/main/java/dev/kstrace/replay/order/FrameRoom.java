package dev.kstrace.replay.order;

import java.util.Arrays;

/**
 * Keeps an order from asking one allocator for more frames at once than it has, now or later.
 *
 * <p>For each of the allocator's events that are still to come it holds how many frames would be
 * out behind it if everything from here on went in recorded order. An allocate may be moved before
 * others only where that stays within the limit, so there is always a way to go on. A segment tree:
 * each step costs the logarithm of their number. Not thread-safe.
 */
final class FrameRoom {
  private static final int DONE = Integer.MIN_VALUE / 2;

  private final int leaves;
  private final int[] most;
  private final int[] added;
  private final int limit;
  private int out;

  /**
   * The state before the first event.
   *
   * @param changes 1 or -1 for each event, in recorded order
   * @param limit frames that may be out at once; no fewer than the recording has out
   */
  FrameRoom(int[] changes, int limit) {
    this.limit = limit;
    leaves = Math.max(2, Integer.highestOneBit(Math.max(1, changes.length - 1)) << 1);
    most = new int[2 * leaves];
    added = new int[2 * leaves];
    Arrays.fill(most, DONE);
    int live = 0;
    for (int i = 0; i < changes.length; i++) {
      live += changes[i];
      most[leaves + i] = live;
    }
    for (int node = leaves - 1; node >= 1; node--) {
      most[node] = Math.max(most[2 * node], most[2 * node + 1]);
    }
  }

  /** Whether an allocate may come next. */
  boolean allows(int event) {
    return out < limit && mostBefore(1, 0, leaves, event) < limit;
  }

  /** An event is done. */
  void done(int event, int change) {
    out += change;
    move(1, 0, leaves, event, change);
  }

  /** Frames that are out. */
  int out() {
    return out;
  }

  private int mostBefore(int node, int from, int to, int end) {
    if (end <= from) {
      return DONE;
    }
    if (end >= to) {
      return most[node];
    }
    int middle = (from + to) / 2;
    int left = mostBefore(2 * node, from, middle, end);
    return Math.max(left, mostBefore(2 * node + 1, middle, to, end)) + added[node];
  }

  /** Adds to all before an event and takes that out. */
  private void move(int node, int from, int to, int event, int change) {
    if (to - from == 1) {
      most[node] = DONE;
      return;
    }
    int middle = (from + to) / 2;
    if (event < middle) {
      move(2 * node, from, middle, event, change);
    } else {
      most[2 * node] += change;
      added[2 * node] += change;
      move(2 * node + 1, middle, to, event, change);
    }
    most[node] = Math.max(most[2 * node], most[2 * node + 1]) + added[node];
  }
}
