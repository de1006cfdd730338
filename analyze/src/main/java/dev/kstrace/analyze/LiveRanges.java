package dev.kstrace.analyze;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The address ranges of the live frames of one layer, none of which overlaps another: who holds an
 * address, and who overlaps it.
 *
 * <p>A frame that is freed leaves its entry behind until the place is wanted by another frame, and
 * {@link FrameTable#isPlaced} remembers it. So an allocator that hands out the same frames again
 * and again, as most do, does not come here at all. Entries lie in a list of sorted blocks, so that
 * thousands of live frames cost a short copy each instead of a tree node. Addresses and lengths are
 * unsigned. Not thread-safe.
 */
final class LiveRanges {
  private static final int BLOCK = 256;
  private static final int HINTS = 1 << 10;
  private static final int HINT_SHIFT = Long.SIZE - Integer.numberOfTrailingZeros(HINTS);
  private static final int SWEEP_AT_LEAST = 1 << 13;

  private final int layer;
  private List<Block> blocks = new ArrayList<>();
  private int entries;
  private int sweepAt = SWEEP_AT_LEAST;
  private @Nullable Allocator holder;
  private int slot;

  /** The block that was looked for last, where the next one often is, too. */
  private int near;

  /** By address, the index at which it was met last in its block: places change hands in place. */
  private final short[] hints = new short[HINTS];

  private static final class Block {
    final long[] starts = new long[BLOCK];
    final long[] bytes = new long[BLOCK];
    final @Nullable Allocator[] owners = new @Nullable Allocator[BLOCK];
    int count;

    /** Index of the last start that is at most {@code address}; -1 = none. */
    int floor(long address) {
      long wanted = address + Long.MIN_VALUE;
      int low = 0;
      for (int left = count; left > 1; left -= left >>> 1) {
        int middle = low + (left >>> 1);
        low = starts[middle] + Long.MIN_VALUE <= wanted ? middle : low;
      }
      return count > 0 && starts[low] + Long.MIN_VALUE <= wanted ? low : low - 1;
    }

    void insert(int index, long start, long length, Allocator owner) {
      shift(index, index + 1, count - index);
      count++;
      set(index, start, length, owner);
    }

    void set(int index, long start, long length, Allocator owner) {
      starts[index] = start;
      bytes[index] = length;
      owners[index] = owner;
    }

    void remove(int index) {
      count--;
      shift(index + 1, index, count - index);
      owners[count] = null;
    }

    private void shift(int from, int to, int moved) {
      System.arraycopy(starts, from, starts, to, moved);
      System.arraycopy(bytes, from, bytes, to, moved);
      System.arraycopy(owners, from, owners, to, moved);
    }

    Allocator owner(int index) {
      Allocator owner = owners[index];
      if (owner == null) {
        throw new IllegalStateException("no entry, index=" + index);
      }
      return owner;
    }

    Block split() {
      Block upper = new Block();
      upper.count = count / 2;
      count -= upper.count;
      System.arraycopy(starts, count, upper.starts, 0, upper.count);
      System.arraycopy(bytes, count, upper.bytes, 0, upper.count);
      System.arraycopy(owners, count, upper.owners, 0, upper.count);
      Arrays.fill(owners, count, count + upper.count, null);
      return upper;
    }
  }

  /** The ranges of a layer, of frames whose tables say which of them are live. */
  LiveRanges(int layer) {
    this.layer = layer;
  }

  /** The allocator of the frame that the last search met. */
  Allocator holder() {
    Allocator met = holder;
    if (met == null) {
      throw new IllegalStateException("the last search met no frame");
    }
    return met;
  }

  /** The table of that frame. */
  FrameTable frames() {
    return holder().frames(layer);
  }

  /** The slot of that frame in its table. */
  int slot() {
    return slot;
  }

  /** Whether a live frame begins at an address, or before it and reaches beyond it. */
  boolean isHeld(long address) {
    int b = blockIndexOf(address);
    if (b < 0) {
      return false;
    }
    Block block = blocks.get(b);
    int index = block.floor(address);
    return index >= 0 && covers(block, index, address) && isLive(block, index);
  }

  /**
   * Enters the range of a frame, unless a live frame overlaps it, which then is what this search
   * met.
   *
   * @param bytes its length, unsigned; 0 = unknown, so that only its start counts
   */
  boolean place(long start, long bytes, Allocator owner) {
    if (entries >= sweepAt) {
      sweep();
    }
    int b = blockIndexOf(start);
    if (b >= 0) {
      Block block = blocks.get(b);
      int index = floor(block, start);
      if (index >= 0 && covers(block, index, start)) {
        if (keepsPlace(block, index)) {
          return false;
        }
        if (block.starts[index] == start && Long.compareUnsigned(bytes, block.bytes[index]) <= 0) {
          block.set(index, start, bytes, owner); // no other lies in what it had
          return true;
        }
        remove(b, index);
      } else if (block.count < BLOCK && isFree(b, index + 1, start, bytes)) {
        block.insert(index + 1, start, bytes, owner);
        entries++;
        return true;
      }
    }
    if (!vacateAbove(start, bytes)) {
      return false;
    }
    insert(start, bytes, owner);
    return true;
  }

  /** As {@link Block#floor}, but looks first where the start was met last. */
  private int floor(Block block, long start) {
    int hint = (int) ((start * 0x9E3779B97F4A7C15L) >>> HINT_SHIFT);
    int index = hints[hint];
    if (index < block.count && block.starts[index] == start) {
      return index;
    }
    index = block.floor(start);
    hints[hint] = (short) Math.max(0, index);
    return index;
  }

  /** Whether the entry behind a start, if there is one, lies beyond its reach. */
  private boolean isFree(int b, int index, long start, long bytes) {
    boolean inBlock = index < blocks.get(b).count;
    if (!inBlock && b + 1 == blocks.size()) {
      return true;
    }
    long next = inBlock ? blocks.get(b).starts[index] : blocks.get(b + 1).starts[0];
    return Long.compareUnsigned(next - start, bytes) >= 0;
  }

  /** Takes out the entries above a start and within its reach; false if one of them is live. */
  private boolean vacateAbove(long start, long bytes) {
    while (bytes != 0) {
      int b = Math.max(0, blockIndexOf(start));
      if (b >= blocks.size()) {
        return true;
      }
      int index = blocks.get(b).floor(start) + 1;
      if (index == blocks.get(b).count) {
        b++;
        index = 0;
      }
      if (b >= blocks.size()
          || Long.compareUnsigned(blocks.get(b).starts[index] - start, bytes) >= 0) {
        return true;
      }
      if (keepsPlace(blocks.get(b), index)) {
        return false;
      }
      remove(b, index);
    }
    return true;
  }

  private static boolean covers(Block block, int index, long address) {
    long distance = address - block.starts[index];
    return distance == 0 || Long.compareUnsigned(distance, block.bytes[index]) < 0;
  }

  /** Whether the frame of an entry is live; it then is what the search met. */
  private boolean isLive(Block block, int index) {
    Allocator owner = block.owner(index);
    FrameTable frames = owner.frames(layer);
    int at = frames.find(block.starts[index]);
    if (!frames.isLive(at) || !frames.isPlaced(at)) {
      return false;
    }
    holder = owner;
    slot = at;
    return true;
  }

  /** As {@link #isLive}, but a frame that is not live knows then that it has no place any more. */
  private boolean keepsPlace(Block block, int index) {
    Allocator owner = block.owner(index);
    FrameTable frames = owner.frames(layer);
    int at = frames.find(block.starts[index]);
    if (at == FrameTable.ABSENT || !frames.isPlaced(at)) {
      return false;
    }
    if (!frames.isLive(at)) {
      frames.setPlaced(at, false);
      return false;
    }
    holder = owner;
    slot = at;
    return true;
  }

  private void remove(int b, int index) {
    blocks.get(b).remove(index);
    entries--;
    if (blocks.get(b).count == 0) {
      blocks.remove(b);
    }
  }

  private void insert(long start, long bytes, Allocator owner) {
    if (blocks.isEmpty()) {
      blocks.add(new Block());
    }
    int b = Math.max(0, blockIndexOf(start));
    Block block = blocks.get(b);
    if (block.count == BLOCK) {
      boolean above = Long.compareUnsigned(block.starts[BLOCK - 1], start) < 0;
      Block upper = above ? new Block() : block.split();
      blocks.add(b + 1, upper);
      if (above || Long.compareUnsigned(upper.starts[0], start) <= 0) {
        block = upper;
      }
    }
    block.insert(block.floor(start) + 1, start, bytes, owner);
    entries++;
  }

  /** Takes out all entries that freed frames left behind. */
  private void sweep() {
    List<Block> old = blocks;
    blocks = new ArrayList<>();
    entries = 0;
    Block last = null;
    for (Block block : old) {
      for (int index = 0; index < block.count; index++) {
        if (!keepsPlace(block, index)) {
          continue;
        }
        if (last == null || last.count == BLOCK) {
          last = new Block();
          blocks.add(last);
        }
        last.insert(last.count, block.starts[index], block.bytes[index], block.owner(index));
        entries++;
      }
    }
    sweepAt = Math.max(SWEEP_AT_LEAST, 2 * entries);
  }

  /** Index of the last block whose first start is at most {@code address}; -1 = none. */
  private int blockIndexOf(long address) {
    int before = near;
    if (before < blocks.size()
        && startsUpTo(before, address)
        && (before + 1 == blocks.size() || !startsUpTo(before + 1, address))) {
      return before;
    }
    int index = searchBlock(address);
    near = Math.max(0, index);
    return index;
  }

  private boolean startsUpTo(int block, long address) {
    return Long.compareUnsigned(blocks.get(block).starts[0], address) <= 0;
  }

  private int searchBlock(long address) {
    int low = 0;
    int high = blocks.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (startsUpTo(middle, address)) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }
}
