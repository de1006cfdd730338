package dev.kstrace.capture.sim;

import java.util.Arrays;

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

  /** Numbers of slots that are not out. */
  private final LongStack idle = new LongStack();

  /** The address of each slot; those of one block follow each other. */
  private long[] addresses = new long[8];

  private int known;
  private int last;

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
      addBlock();
    }
    last = (int) idle.pop();
    return addresses[last];
  }

  private void addBlock() {
    long block = commonBuffers.allocate(slots * slotBytes, blockAlignment);
    if (known + slots > addresses.length) {
      addresses = Arrays.copyOf(addresses, known + Math.max(slots, known));
    }
    for (int i = slots - 1; i >= 0; i--) {
      addresses[known + i] = block + i * slotBytes;
      idle.push(known + i);
    }
    known += slots;
  }

  /** The numbers of blocks are negative, those of slots are not. */
  @Override
  public long takeBlock(long bytes, long alignment) {
    long block = commonBuffers.allocate(bytes, alignment);
    last = ~commonBuffers.lastBlock();
    return block;
  }

  @Override
  public int number() {
    return last;
  }

  @Override
  public long usableBytes(int number) {
    return number >= 0 ? slotBytes : commonBuffers.usableBytesOf(~number);
  }

  @Override
  public void give(int number) {
    if (number >= 0) {
      idle.push(number);
    } else {
      commonBuffers.freeBlock(~number);
    }
  }

  @Override
  public void release(boolean framesOut) {
    if (!framesOut) {
      for (int first = 0; first < known; first += slots) {
        commonBuffers.free(addresses[first]);
      }
    }
  }
}
