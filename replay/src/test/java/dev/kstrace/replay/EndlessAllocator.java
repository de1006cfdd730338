package dev.kstrace.replay;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.traces.Framing;

/** An allocator that frees a frame by freeing it. */
final class EndlessAllocator implements AllocatorDispatch {
  private long frames;

  @Override
  public int initialize(long pin, Framing framing, ContextOut context) {
    context.value = 1;
    return 0;
  }

  @Override
  public void delete(long context) {}

  @Override
  public long allocate(long context) {
    return ++frames;
  }

  @Override
  @SuppressWarnings("InfiniteRecursion")
  public void free(long context, long frame) {
    free(context, frame);
  }
}
