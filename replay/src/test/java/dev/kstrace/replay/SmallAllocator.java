package dev.kstrace.replay;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.traces.Framing;
import java.util.ArrayDeque;
import java.util.Deque;

/** An allocator that hands out the frame freed last, else a new one. */
public final class SmallAllocator implements AllocatorDispatch {
  private final Deque<Long> free = new ArrayDeque<>();
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
    if (!free.isEmpty()) {
      return free.pop();
    }
    next += 0x1000;
    return next;
  }

  @Override
  public void free(long context, long frame) {
    free.push(frame);
  }
}
