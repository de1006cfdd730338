package dev.kstrace.cli;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.traces.Framing;
import java.util.ArrayDeque;
import java.util.Deque;

/** A replay target that loses a frame where two are freed one after the other. */
public final class ForgetfulAllocator implements AllocatorDispatch {
  private final Deque<Long> free = new ArrayDeque<>();
  private long last;

  /** An allocator without frames. */
  public ForgetfulAllocator() {}

  @Override
  public int initialize(long pin, Framing framing, ContextOut context) {
    for (long i = 0; i < framing.frameLimit(); i++) {
      free.add(0x10000 + 0x1000 * i);
    }
    context.value = 1;
    return 0;
  }

  @Override
  public void delete(long context) {}

  @Override
  public long allocate(long context) {
    if (last != 0) {
      free.add(last);
      last = 0;
    }
    return free.isEmpty() ? 0 : free.remove();
  }

  @Override
  public void free(long context, long frame) {
    last = frame;
  }
}
