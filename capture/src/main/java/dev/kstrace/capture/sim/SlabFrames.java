package dev.kstrace.capture.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Frames cut out of common buffers, several from one DMA block.
 *
 * <p>Each slot is rounded up to the alignment, or the second frame of a block would miss it: 691,200
 * bytes are no whole number of pages. A full block is followed by another.
 */
final class SlabFrames implements FrameMemory {
  private final SimulatedPool commonBuffers;
  private final long slotBytes;
  private final long blockAlignment;
  private final int slots;
  private final Deque<Long> idle = new ArrayDeque<>();
  private final Set<Long> taken = new HashSet<>();
  private final List<Long> blocks = new ArrayList<>();

  SlabFrames(SimulatedPool commonBuffers, long frameBytes, long alignment, long slots) {
    this.commonBuffers = commonBuffers;
    this.slots = (int) Math.max(1, Math.min(slots, 64));
    this.slotBytes =
        SimulatedPool.roundUp(frameBytes, Math.max(alignment, SimulatedPool.GRANULE_BYTES));
    this.blockAlignment = Math.max(alignment, SimulatedPool.PAGE_BYTES);
  }

  @Override
  public long take() {
    if (idle.isEmpty()) {
      long block = commonBuffers.allocate(slots * slotBytes, blockAlignment);
      blocks.add(block);
      for (int i = 0; i < slots; i++) {
        idle.addLast(block + i * slotBytes);
      }
    }
    long slot = idle.removeFirst();
    taken.add(slot);
    return slot;
  }

  @Override
  public long takeBlock(long bytes, long alignment) {
    return commonBuffers.allocate(bytes, alignment);
  }

  @Override
  public long usableBytes(long address) {
    return taken.contains(address) ? slotBytes : commonBuffers.usableBytes(address);
  }

  @Override
  public void give(long address) {
    if (taken.remove(address)) {
      idle.addFirst(address);
    } else {
      commonBuffers.free(address);
    }
  }

  @Override
  public void release(boolean framesOut) {
    if (!framesOut) {
      blocks.forEach(commonBuffers::free);
    }
  }
}
