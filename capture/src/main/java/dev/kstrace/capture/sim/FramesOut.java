package dev.kstrace.capture.sim;

import dev.kstrace.traces.LongIntMap;
import java.util.Arrays;

/**
 * The frames of an allocator that are out. What is kept grows with the number of different
 * addresses, not with the number of calls. Not thread-safe.
 */
final class FramesOut {
  /** What {@link #remove} answers where the frame is not out. */
  static final long NOT_OUT = -1;

  private final LongIntMap index = new LongIntMap();
  private int known;

  /** The one that was asked for last, as it often is again. */
  private int last;

  private int count;
  private long puts;
  private long[] frame = new long[8];
  private long[] block = new long[8];
  private long[] usable = new long[8];

  /** When a frame went out, counted from 1; 0 = it is not out. */
  private long[] since = new long[8];

  boolean isEmpty() {
    return count == 0;
  }

  /**
   * A frame goes out, or one that is out changes.
   *
   * @param itsBlock the block it lies in; 0 = that block must never be used again
   * @param itsUsable usable bytes
   */
  void put(long address, long itsBlock, long itsUsable) {
    int i = find(address);
    if (i == LongIntMap.ABSENT) {
      if (known == frame.length) {
        grow();
      }
      i = known++;
      frame[i] = address;
      index.put(address, i);
      last = i;
    }
    if (since[i] == 0) {
      since[i] = ++puts;
      count++;
    }
    block[i] = itsBlock;
    usable[i] = itsUsable;
  }

  private int find(long address) {
    if (last < known && frame[last] == address) {
      return last;
    }
    int found = index.get(address);
    last = found == LongIntMap.ABSENT ? last : found;
    return found;
  }

  private void grow() {
    int size = 2 * known;
    frame = Arrays.copyOf(frame, size);
    block = Arrays.copyOf(block, size);
    usable = Arrays.copyOf(usable, size);
    since = Arrays.copyOf(since, size);
  }

  /** A frame comes back: the block it lies in, or {@link #NOT_OUT}. */
  long remove(long address) {
    int i = find(address);
    if (i == LongIntMap.ABSENT || since[i] == 0) {
      return NOT_OUT;
    }
    since[i] = 0;
    count--;
    return block[i];
  }

  /** Usable bytes of a frame that is out, -1 of any other. */
  long usableBytes(long address) {
    int i = find(address);
    return i == LongIntMap.ABSENT || since[i] == 0 ? -1 : usable[i];
  }

  /** The frame that went out last of those that are out; 0 = none is. */
  long newest() {
    int newest = -1;
    for (int i = 0; i < known; i++) {
      if (since[i] > (newest < 0 ? 0 : since[newest])) {
        newest = i;
      }
    }
    return newest < 0 ? 0 : frame[newest];
  }
}
