package dev.kstrace.capture;

import dev.kstrace.traces.Framing;
import dev.kstrace.traces.NtStatus;
import java.util.ArrayDeque;
import java.util.Deque;

/** A thread-safe allocator for tests that reuses the frame freed last. */
final class MallocAllocator implements AllocatorDispatch {
  static final Framing FRAMING = new Framing(2, 0, 0, 4096, 0, 0);

  private final Deque<Long> free = new ArrayDeque<>();
  private long contexts = 0xFFFF900000000000L;
  private long frames = 0xFFFF800000000000L;

  @Override
  public synchronized int initialize(long pin, Framing framing, ContextOut context) {
    contexts += 0x100;
    context.value = contexts;
    return NtStatus.SUCCESS;
  }

  @Override
  public void delete(long context) {}

  @Override
  public synchronized long allocate(long context) {
    Long reused = free.pollFirst();
    if (reused != null) {
      return reused;
    }
    frames += 0x1000;
    return frames;
  }

  @Override
  public synchronized void free(long context, long frame) {
    free.addFirst(frame);
  }
}
