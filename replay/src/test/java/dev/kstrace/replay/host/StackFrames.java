package dev.kstrace.replay.host;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.traces.Framing;
import java.util.HashMap;
import java.util.Map;

/** A stack of free slots that takes whatever it is given; stack_frames.c is the same in C. */
final class StackFrames implements AllocatorDispatch {
  private static final int SLOTS = 8;
  private static final int SLOT_BYTES = 4096;

  private static final class Allocator {
    final long[] stack = new long[64];
    int top;
  }

  private final Map<Long, Allocator> allocators = new HashMap<>();
  private int made;

  @Override
  public int initialize(long pin, Framing framing, ContextOut context) {
    long base = 0x10_0000L + (long) made * SLOTS * SLOT_BYTES;
    Allocator allocator = new Allocator();
    for (int i = SLOTS - 1; i >= 0; i--) {
      allocator.stack[allocator.top++] = base + (long) i * SLOT_BYTES;
    }
    context.value = 0x1000L + made++;
    allocators.put(context.value, allocator);
    return 0;
  }

  @Override
  public void delete(long context) {}

  @Override
  public long allocate(long context) {
    Allocator allocator = allocators.get(context);
    return allocator == null || allocator.top == 0 ? 0 : allocator.stack[--allocator.top];
  }

  @Override
  public void free(long context, long frame) {
    Allocator allocator = allocators.get(context);
    if (allocator != null && frame != 0 && allocator.top < allocator.stack.length) {
      allocator.stack[allocator.top++] = frame;
    }
  }
}
