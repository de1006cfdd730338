package dev.kstrace.capture.sim;

/** One pool block for each frame, as the default allocator does. */
final class PoolFrames implements FrameMemory {
  private final SimulatedPool pool;
  private final long frameBytes;
  private final long alignment;

  PoolFrames(SimulatedPool pool, long frameBytes, long alignment) {
    this.pool = pool;
    this.frameBytes = frameBytes;
    this.alignment = alignment;
  }

  @Override
  public long take() {
    return pool.allocate(frameBytes, alignment);
  }

  @Override
  public long takeBlock(long bytes, long blockAlignment) {
    return pool.allocate(bytes, blockAlignment);
  }

  @Override
  public int number() {
    return pool.lastBlock();
  }

  @Override
  public long usableBytes(int number) {
    return pool.usableBytesOf(number);
  }

  @Override
  public void give(int number) {
    pool.freeBlock(number);
  }

  /** Frames that are still out are abandoned, so their addresses never come back. */
  @Override
  public void release(boolean framesOut) {}
}
