package dev.kstrace.analyze;

import java.util.Arrays;

/**
 * How many frames were out and came back in each second of a time in RUN, its first hour.
 *
 * <p>Not thread-safe.
 */
final class Windows {
  /** Length of one window in ns. */
  static final long NS = 1_000_000_000;

  private static final int MOST = 3600;

  private int[] leastLive = new int[4];
  private int[] frees = new int[4];
  private int count;
  private long windowEnd;

  Windows(long start, int live) {
    windowEnd = start;
    open(live);
  }

  private void open(int live) {
    if (count == leastLive.length) {
      leastLive = Arrays.copyOf(leastLive, 2 * count);
      frees = Arrays.copyOf(frees, 2 * count);
    }
    leastLive[count++] = live;
    windowEnd += NS;
  }

  private void advance(long time, int live) {
    while (time >= windowEnd) {
      if (count == MOST) {
        windowEnd = Long.MAX_VALUE;
        return;
      }
      open(live);
    }
  }

  /**
   * Takes an allocate.
   *
   * @param live frames that are out with it
   */
  void allocated(long time, int live) {
    if (time >= windowEnd) {
      advance(time, live - 1);
    }
  }

  /**
   * Takes a free.
   *
   * @param live frames that were out before it
   */
  void freed(long time, int live) {
    if (time >= windowEnd) {
      advance(time, live);
    }
    if (windowEnd != Long.MAX_VALUE) {
      frees[count - 1]++;
      leastLive[count - 1] = Math.min(leastLive[count - 1], live - 1);
    }
  }

  /** Takes the end of the time in RUN. */
  void end(long time, int live) {
    advance(time, live);
  }

  /** How many whole windows there are; the last one was cut short and does not count. */
  int whole() {
    return windowEnd == Long.MAX_VALUE ? count : count - 1;
  }

  /** The fewest frames that were out at any moment of a window. */
  int leastLive(int window) {
    return leastLive[window];
  }

  /** How far the fewest frames out in a whole window lie apart. */
  int rise() {
    int lowest = Integer.MAX_VALUE;
    int highest = 0;
    for (int window = 0; window < whole(); window++) {
      lowest = Math.min(lowest, leastLive[window]);
      highest = Math.max(highest, leastLive[window]);
    }
    return Math.max(0, highest - lowest);
  }

  /** Frames that came back in a window. */
  int frees(int window) {
    return frees[window];
  }
}
