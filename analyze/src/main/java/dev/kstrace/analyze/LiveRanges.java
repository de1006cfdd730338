package dev.kstrace.analyze;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The live frames of one layer, ordered by address: who holds this address, and who overlaps it.
 *
 * <p>A list of sorted blocks, so that thousands of live frames cost a short copy each instead of a
 * tree node. Addresses are unsigned. At most one frame begins at an address. Not thread-safe.
 */
final class LiveRanges {
  private static final int BLOCK = 256;

  private final List<Block> blocks = new ArrayList<>();

  private static final class Block {
    final long[] starts = new long[BLOCK];
    final int[] slots = new int[BLOCK];
    int count;

    /** Index of the last start that is at most {@code address}; -1 = none. */
    int floor(long address) {
      int low = 0;
      int high = count - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        if (Long.compareUnsigned(starts[middle], address) <= 0) {
          low = middle + 1;
        } else {
          high = middle - 1;
        }
      }
      return high;
    }

    void insert(int index, long start, int slot) {
      System.arraycopy(starts, index, starts, index + 1, count - index);
      System.arraycopy(slots, index, slots, index + 1, count - index);
      starts[index] = start;
      slots[index] = slot;
      count++;
    }

    void remove(int index) {
      count--;
      System.arraycopy(starts, index + 1, starts, index, count - index);
      System.arraycopy(slots, index + 1, slots, index, count - index);
    }

    Block split() {
      Block upper = new Block();
      upper.count = count / 2;
      count -= upper.count;
      System.arraycopy(starts, count, upper.starts, 0, upper.count);
      System.arraycopy(slots, count, upper.slots, 0, upper.count);
      return upper;
    }
  }

  /** The frame with the greatest start that is at most {@code address}, or -1. */
  int floor(long address) {
    Block block = blockOf(address);
    int index = block == null ? -1 : block.floor(address);
    return block == null || index < 0 ? -1 : block.slots[index];
  }

  /** The frame with the smallest start above {@code address}, or -1. */
  int above(long address) {
    int b = Math.max(0, blockIndexOf(address));
    if (b >= blocks.size()) {
      return -1;
    }
    Block block = blocks.get(b);
    int index = block.floor(address) + 1;
    if (index < block.count) {
      return block.slots[index];
    }
    return b + 1 < blocks.size() ? blocks.get(b + 1).slots[0] : -1;
  }

  /** Adds a frame; false if another one begins at the same address, which then stays. */
  boolean add(long start, int slot) {
    if (blocks.isEmpty()) {
      blocks.add(new Block());
    }
    int b = Math.max(0, blockIndexOf(start));
    Block block = blocks.get(b);
    if (block.count == BLOCK) {
      Block upper = block.split();
      blocks.add(b + 1, upper);
      if (Long.compareUnsigned(upper.starts[0], start) <= 0) {
        block = upper;
      }
    }
    int index = block.floor(start);
    if (index >= 0 && block.starts[index] == start) {
      return false;
    }
    block.insert(index + 1, start, slot);
    return true;
  }

  /** Takes a frame out if it is the one that begins there. */
  void remove(long start, int slot) {
    int b = blockIndexOf(start);
    if (b < 0) {
      return;
    }
    Block block = blocks.get(b);
    int index = block.floor(start);
    if (index >= 0 && block.starts[index] == start && block.slots[index] == slot) {
      block.remove(index);
      if (block.count == 0) {
        blocks.remove(b);
      }
    }
  }

  private @Nullable Block blockOf(long address) {
    int b = blockIndexOf(address);
    return b < 0 ? null : blocks.get(b);
  }

  /** Index of the last block whose first start is at most {@code address}; -1 = none. */
  private int blockIndexOf(long address) {
    int low = 0;
    int high = blocks.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(blocks.get(middle).starts[0], address) <= 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }
}
