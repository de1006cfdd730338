package dev.kstrace.capture.sim;

import dev.kstrace.traces.LongIntMap;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Frames cut out of common buffers, several from one DMA block.
 *
 * <p>Each slot is rounded up to the alignment, or the second frame of a block would miss it:
 * 691,200 bytes are no whole number of pages. A full block is followed by another.
 */
final class SlabFrames implements FrameMemory {
  private final SimulatedPool commonBuffers;
  private final long slotBytes;
  private final long blockAlignment;
  private final int slots;
  private final LongStack idle = new LongStack();
  private final LongIntMap numbers = new LongIntMap();
  private final BitSet taken = new BitSet();
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
      int first = blocks.size() * slots;
      blocks.add(block);
      for (int i = slots - 1; i >= 0; i--) {
        long slot = block + i * slotBytes;
        numbers.put(slot, first + i);
        idle.push(slot);
      }
    }
    long slot = idle.pop();
    taken.set(numbers.get(slot));
    return slot;
  }

  @Override
  public long takeBlock(long bytes, long alignment) {
    return commonBuffers.allocate(bytes, alignment);
  }

  @Override
  public long usableBytes(long address) {
    return isTaken(numbers.get(address)) ? slotBytes : commonBuffers.usableBytes(address);
  }

  @Override
  public void give(long address) {
    int number = numbers.get(address);
    if (isTaken(number)) {
      taken.clear(number);
      idle.push(address);
    } else {
      commonBuffers.free(address);
    }
  }

  private boolean isTaken(int number) {
    return number != LongIntMap.ABSENT && taken.get(number);
  }

  @Override
  public void release(boolean framesOut) {
    if (!framesOut) {
      blocks.forEach(commonBuffers::free);
    }
  }
}
