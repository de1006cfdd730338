package dev.kstrace.cli;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.traces.Framing;

/** A replay target that has no memory. */
public final class StingyAllocator implements AllocatorDispatch {
  /** An allocator without frames. */
  public StingyAllocator() {}

  @Override
  public int initialize(long pin, Framing framing, ContextOut context) {
    context.value = 1;
    return 0;
  }

  @Override
  public void delete(long context) {}

  @Override
  public long allocate(long context) {
    return 0;
  }

  @Override
  public void free(long context, long frame) {}
}
