package example;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.NtStatus;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/** An allocator that cuts its frames out of one range of addresses. */
public final class RingAllocator implements AllocatorDispatch {
  private static final long BASE = 0x1000_0000L;

  private final Map<Long, ArrayDeque<Long>> free = new HashMap<>();
  private long lastContext;

  @Override
  public int initialize(long pin, Framing framing, ContextOut context) {
    ArrayDeque<Long> frames = new ArrayDeque<>();
    for (int i = 0; i < framing.frames(); i++) {
      frames.add(BASE + (lastContext << 24) + (long) i * framing.frameSize());
    }
    context.value = ++lastContext;
    free.put(context.value, frames);
    return NtStatus.SUCCESS;
  }

  @Override
  public long allocate(long context) {
    Long frame = free.get(context).poll();
    return frame == null ? 0 : frame;
  }

  @Override
  public void free(long context, long frame) {
    free.get(context).add(frame);
  }

  @Override
  public void delete(long context) {
    free.remove(context);
  }
}
