package dev.kstrace.replay;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.traces.Framing;
import java.util.Arrays;

/** An allocator that hands out the frame freed last, else a new one. */
public final class SmallAllocator implements AllocatorDispatch {
  private long[] free = new long[64];
  private int freeCount;
  private long contexts;
  private long next = 0x10000;

  /** An allocator without frames. */
  public SmallAllocator() {}

  @Override
  public int initialize(long pin, Framing framing, ContextOut context) {
    context.value = ++contexts;
    return 0;
  }

  @Override
  public void delete(long context) {}

  @Override
  public long allocate(long context) {
    if (freeCount > 0) {
      return free[--freeCount];
    }
    next += 0x1000;
    return next;
  }

  @Override
  public void free(long context, long frame) {
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, 2 * freeCount);
    }
    free[freeCount++] = frame;
  }
}
