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
  private int whole;

  // Of the window that goes on.
  private int leastLiveNow;
  private int freesNow;
  private long windowEnd;

  Windows(long start, int live) {
    leastLiveNow = live;
    windowEnd = start + NS;
  }

  private void advance(long time, int live) {
    while (time >= windowEnd && whole < MOST) {
      keep();
      leastLiveNow = live;
      freesNow = 0;
      windowEnd = whole == MOST ? Long.MAX_VALUE : windowEnd + NS;
    }
  }

  private void keep() {
    if (whole == leastLive.length) {
      leastLive = Arrays.copyOf(leastLive, 2 * whole);
      frees = Arrays.copyOf(frees, 2 * whole);
    }
    leastLive[whole] = leastLiveNow;
    frees[whole] = freesNow;
    whole++;
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
    freesNow++;
    leastLiveNow = Math.min(leastLiveNow, live - 1);
  }

  /** Takes the end of the time in RUN. */
  void end(long time, int live) {
    advance(time, live);
  }

  /** How many whole windows there are; the last one was cut short and does not count. */
  int whole() {
    return whole;
  }

  /** The fewest frames that were out at any moment of a window. */
  int leastLive(int window) {
    return leastLive[window];
  }

  /** How far the fewest frames out in a whole window lie apart. */
  int rise() {
    int lowest = Integer.MAX_VALUE;
    int highest = 0;
    for (int window = 0; window < whole; window++) {
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
