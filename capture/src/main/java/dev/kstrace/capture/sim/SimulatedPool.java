package dev.kstrace.capture.sim;

import dev.kstrace.traces.LongIntMap;
import java.util.Arrays;

/**
 * System pool without memory behind it: addresses are handed out, taken back and reused.
 *
 * <p>Blocks below a page are aligned to 16 bytes and do not cross a page, others are aligned to a
 * page: what ddi/wdm/nf-wdm-exallocatepoolwithtag promises on 64-bit systems. The block of a size
 * that was freed last is reused first. Not thread-safe.
 */
final class SimulatedPool {
  static final int PAGE_BYTES = 4096;
  static final int GRANULE_BYTES = 16;

  /** Start of the nonpaged region: a canonical kernel address, as are the others. */
  static final long NON_PAGED_BASE = 0xFFFF_9A80_0000_0000L;

  /** Start of the paged region. */
  static final long PAGED_BASE = 0xFFFF_B180_0000_0000L;

  /** Start of the region of DMA common buffers. */
  static final long COMMON_BUFFER_BASE = 0xFFFF_8F00_0000_0000L;

  /** Start of the region of the class driver's own structures. */
  static final long SYSTEM_BASE = 0xFFFF_A300_0000_0000L;

  /** Every address ever handed out, by its number. */
  private final LongIntMap index = new LongIntMap();

  private int known;
  private long[] address = new long[16];
  private long[] start = new long[16];

  /** The number of the block's size. */
  private int[] size = new int[16];

  /** Usable bytes; -1 = the block is free. */
  private long[] usable = new long[16];

  /** Numbers of free blocks of one size each, by the number of the size. */
  private LongStack[] freed = new LongStack[0];

  private final LongIntMap sizes = new LongIntMap();

  /** The size and the block that were asked for last, as they often are again. */
  private long lastWhole;

  private int lastSize = LongIntMap.ABSENT;
  private int lastBlock;
  private long nextPage;
  private long smallCursor;

  SimulatedPool(long base) {
    nextPage = base;
    smallCursor = base;
  }

  /**
   * Hands out a block.
   *
   * @param bytes wanted, at least 1
   * @param alignment a power of two; more than the pool gives by itself costs that much slack
   */
  long allocate(long bytes, long alignment) {
    long natural = isSmall(bytes) ? GRANULE_BYTES : PAGE_BYTES;
    long wanted = alignment > natural ? bytes + alignment : bytes;
    long whole = roundUp(wanted, isSmall(wanted) ? GRANULE_BYTES : PAGE_BYTES);
    int sizeNumber = sizeOf(whole);
    LongStack reusable = freed[sizeNumber];
    int freedBlock = reusable.isEmpty() ? LongIntMap.ABSENT : (int) reusable.pop();
    long from = freedBlock == LongIntMap.ABSENT ? carve(whole) : start[freedBlock];
    long aligned = roundUp(from, alignment);
    boolean again = freedBlock != LongIntMap.ABSENT && address[freedBlock] == aligned;
    int block = again ? freedBlock : numberOf(aligned);
    lastBlock = block;
    start[block] = from;
    size[block] = sizeNumber;
    usable[block] = from + whole - aligned;
    return aligned;
  }

  private int sizeOf(long whole) {
    if (whole != lastWhole) {
      lastWhole = whole;
      lastSize = sizes.get(whole);
      if (lastSize == LongIntMap.ABSENT) {
        lastSize = freed.length;
        sizes.put(whole, lastSize);
        freed = Arrays.copyOf(freed, lastSize + 1);
        freed[lastSize] = new LongStack();
      }
    }
    return lastSize;
  }

  private int numberOf(long wanted) {
    int block = index.get(wanted);
    if (block == LongIntMap.ABSENT) {
      if (known == start.length) {
        address = Arrays.copyOf(address, 2 * known);
        start = Arrays.copyOf(start, 2 * known);
        size = Arrays.copyOf(size, 2 * known);
        usable = Arrays.copyOf(usable, 2 * known);
      }
      block = known++;
      address[block] = wanted;
      index.put(wanted, block);
    }
    return block;
  }

  /** The number of the block that was handed out last. */
  int lastBlock() {
    return lastBlock;
  }

  /** Bytes usable at the address of a live block, -1 where there is none. */
  long usableBytes(long of) {
    int block = index.get(of);
    return block == LongIntMap.ABSENT ? -1 : usable[block];
  }

  /** As {@link #usableBytes}, of a block by its number. */
  long usableBytesOf(int block) {
    return usable[block];
  }

  /** Takes a block back; an address that is none is ignored. */
  void free(long freedAddress) {
    int block = index.get(freedAddress);
    if (block != LongIntMap.ABSENT) {
      freeBlock(block);
    }
  }

  /** As {@link #free}, by the block's number. */
  void freeBlock(int block) {
    if (usable[block] >= 0) {
      usable[block] = -1;
      freed[size[block]].push(block);
    }
  }

  static long roundUp(long value, long alignment) {
    return (value + alignment - 1) & -alignment;
  }

  /** Room for the pool's own header keeps a small block off the page's start. */
  private static boolean isSmall(long bytes) {
    return bytes <= PAGE_BYTES - GRANULE_BYTES;
  }

  private long carve(long whole) {
    if (!isSmall(whole)) {
      long page = nextPage;
      nextPage += roundUp(whole, PAGE_BYTES);
      return page;
    }
    long withHeader = whole + GRANULE_BYTES;
    long left = -smallCursor & (PAGE_BYTES - 1);
    if (left < withHeader) {
      smallCursor = nextPage;
      nextPage += PAGE_BYTES;
    }
    long small = smallCursor + GRANULE_BYTES;
    smallCursor += withHeader;
    return small;
  }
}
