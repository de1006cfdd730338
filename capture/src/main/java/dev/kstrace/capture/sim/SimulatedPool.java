package dev.kstrace.capture.sim;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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

  private record Block(long start, long bytes, long usable) {}

  private final Map<Long, Block> live = new HashMap<>();
  private final Map<Long, Deque<Long>> freed = new HashMap<>();
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
    long rounded = roundUp(wanted, isSmall(wanted) ? GRANULE_BYTES : PAGE_BYTES);
    Deque<Long> list = freed.get(rounded);
    Long reused = list == null ? null : list.pollFirst();
    long start = reused != null ? reused : carve(rounded);
    long address = roundUp(start, alignment);
    live.put(address, new Block(start, rounded, start + rounded - address));
    return address;
  }

  /** Bytes usable at the address of a live block, -1 where there is none. */
  long usableBytes(long address) {
    Block block = live.get(address);
    return block == null ? -1 : block.usable();
  }

  /** Takes a block back; an address that is none is ignored. */
  void free(long address) {
    @Nullable Block block = live.remove(address);
    if (block != null) {
      freed.computeIfAbsent(block.bytes(), size -> new ArrayDeque<>()).addFirst(block.start());
    }
  }

  static long roundUp(long value, long alignment) {
    return (value + alignment - 1) & -alignment;
  }

  /** Room for the pool's own header keeps a small block off the page's start. */
  private static boolean isSmall(long bytes) {
    return bytes <= PAGE_BYTES - GRANULE_BYTES;
  }

  private long carve(long rounded) {
    if (!isSmall(rounded)) {
      long start = nextPage;
      nextPage += roundUp(rounded, PAGE_BYTES);
      return start;
    }
    long withHeader = rounded + GRANULE_BYTES;
    long left = -smallCursor & (PAGE_BYTES - 1);
    if (left < withHeader) {
      smallCursor = nextPage;
      nextPage += PAGE_BYTES;
    }
    long start = smallCursor + GRANULE_BYTES;
    smallCursor += withHeader;
    return start;
  }
}
