package dev.kstrace.cli;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.traces.Framing;

/** A replay target that does not survive its first free. */
public final class DyingAllocator implements AllocatorDispatch {
  /** An allocator of one frame. */
  public DyingAllocator() {}

  @Override
  public int initialize(long pin, Framing framing, ContextOut context) {
    context.value = 1;
    return 0;
  }

  @Override
  public void delete(long context) {}

  @Override
  public long allocate(long context) {
    return 0x10000;
  }

  @Override
  public void free(long context, long frame) {
    throw new IllegalStateException("pool is corrupt\u001b[2J");
  }
}
