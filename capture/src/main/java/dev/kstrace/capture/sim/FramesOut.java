package dev.kstrace.capture.sim;

import dev.kstrace.traces.LongIntMap;
import java.util.Arrays;

/**
 * The frames of an allocator that are out. What is kept grows with the number of different
 * addresses, not with the number of calls. Not thread-safe.
 */
final class FramesOut {
  /** What {@link #remove} answers where the frame is not out: no number of any memory. */
  static final int NOT_OUT = Integer.MIN_VALUE;

  /** In place of a block's number: it must never be used again. */
  static final int NEVER_AGAIN = Integer.MAX_VALUE;

  private final LongIntMap index = new LongIntMap();
  private int known;

  /** The one that went out last: its size is asked for next. */
  private int last;

  private int count;
  private long puts;
  private long[] frame = new long[8];
  private int[] block = new int[8];
  private long[] usable = new long[8];

  /** When a frame went out, counted from 1; 0 = it is not out. */
  private long[] since = new long[8];

  boolean isEmpty() {
    return count == 0;
  }

  /**
   * A frame goes out, or one that is out changes.
   *
   * @param itsBlock the number in {@link FrameMemory} of what it lies in, or {@link #NEVER_AGAIN}
   * @param itsUsable usable bytes
   */
  void put(long address, int itsBlock, long itsUsable) {
    int i = index.get(address);
    if (i == LongIntMap.ABSENT) {
      if (known == frame.length) {
        grow();
      }
      i = known++;
      frame[i] = address;
      index.put(address, i);
    }
    last = i;
    if (since[i] == 0) {
      since[i] = ++puts;
      count++;
    }
    block[i] = itsBlock;
    usable[i] = itsUsable;
  }

  private void grow() {
    int size = 2 * known;
    frame = Arrays.copyOf(frame, size);
    block = Arrays.copyOf(block, size);
    usable = Arrays.copyOf(usable, size);
    since = Arrays.copyOf(since, size);
  }

  /** A frame comes back: the number of what it lies in, or {@link #NOT_OUT}. */
  int remove(long address) {
    int i = index.get(address);
    if (i == LongIntMap.ABSENT || since[i] == 0) {
      return NOT_OUT;
    }
    since[i] = 0;
    count--;
    return block[i];
  }

  /** Usable bytes of a frame that is out, -1 of any other. */
  long usableBytes(long address) {
    int i = last < known && frame[last] == address ? last : index.get(address);
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
