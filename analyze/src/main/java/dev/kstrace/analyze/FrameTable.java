package dev.kstrace.analyze;

import java.util.Arrays;

/**
 * All frames that the tracker remembers, one slot for each (allocator, layer, address).
 *
 * <p>A slot is reused when the same allocator hands out the same address again: that is a new frame
 * with a new id and the next generation. Not thread-safe.
 */
final class FrameTable {
  /** Handed out and not yet freed. */
  static final byte LIVE = 1;

  /** Freed. */
  static final byte FREED = 2;

  /** Not freed when its allocator was deleted. */
  static final byte ORPHANED = 3;

  /**
   * Handed out by a call whose result contradicts itself: a free of it is no fault, nor is none.
   */
  static final byte GHOST = 4;

  int count;
  long[] address = new long[64];
  long[] bytes = new long[64];
  int[] allocator = new int[64];
  byte[] layer = new byte[64];
  byte[] state = new byte[64];
  int[] generation = new int[64];
  long[] frameId = new long[64];
  long[] allocateSeq = new long[64];
  long[] allocateTime = new long[64];
  int[] allocateThread = new int[64];
  boolean[] allocateThreadKnown = new boolean[64];
  boolean[] sizeKnown = new boolean[64];
  long[] size = new long[64];
  long[] freeSeq = new long[64];
  long[] freeTime = new long[64];
  int[] freeThread = new int[64];
  boolean[] freeThreadKnown = new boolean[64];
  int[] freedBy = new int[64];
  int[] lossEpoch = new int[64];
  int[] freeLossEpoch = new int[64];
  boolean[] allocatorDoubt = new boolean[64];

  /** A fresh slot of generation 0. */
  int add(int allocatorIndex, int layerCode, long frame) {
    if (count == address.length) {
      grow(2 * count);
    }
    int slot = count++;
    allocator[slot] = allocatorIndex;
    layer[slot] = (byte) layerCode;
    address[slot] = frame;
    generation[slot] = 0;
    return slot;
  }

  boolean isLive(int slot) {
    return slot >= 0 && state[slot] == LIVE;
  }

  /** Whether the frame's bytes, where known, reach beyond {@code other}. */
  boolean reaches(int slot, long other) {
    return Long.compareUnsigned(other - address[slot], bytes[slot]) < 0;
  }

  private void grow(int capacity) {
    address = Arrays.copyOf(address, capacity);
    bytes = Arrays.copyOf(bytes, capacity);
    allocator = Arrays.copyOf(allocator, capacity);
    layer = Arrays.copyOf(layer, capacity);
    state = Arrays.copyOf(state, capacity);
    generation = Arrays.copyOf(generation, capacity);
    frameId = Arrays.copyOf(frameId, capacity);
    allocateSeq = Arrays.copyOf(allocateSeq, capacity);
    allocateTime = Arrays.copyOf(allocateTime, capacity);
    allocateThread = Arrays.copyOf(allocateThread, capacity);
    allocateThreadKnown = Arrays.copyOf(allocateThreadKnown, capacity);
    sizeKnown = Arrays.copyOf(sizeKnown, capacity);
    size = Arrays.copyOf(size, capacity);
    freeSeq = Arrays.copyOf(freeSeq, capacity);
    freeTime = Arrays.copyOf(freeTime, capacity);
    freeThread = Arrays.copyOf(freeThread, capacity);
    freeThreadKnown = Arrays.copyOf(freeThreadKnown, capacity);
    freedBy = Arrays.copyOf(freedBy, capacity);
    lossEpoch = Arrays.copyOf(lossEpoch, capacity);
    freeLossEpoch = Arrays.copyOf(freeLossEpoch, capacity);
    allocatorDoubt = Arrays.copyOf(allocatorDoubt, capacity);
  }
}
