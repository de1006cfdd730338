package dev.kstrace.cli;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.traces.Framing;
import java.util.HashSet;
import java.util.Set;

/** A replay target that does not survive a wrong free, and says which kind it was. */
public final class PickyAllocator implements AllocatorDispatch {
  private final Set<Long> out = new HashSet<>();
  private long last = 0x10000;

  /** An allocator without frames. */
  public PickyAllocator() {}

  @Override
  public int initialize(long pin, Framing framing, ContextOut context) {
    context.value = 1;
    return 0;
  }

  @Override
  public void delete(long context) {}

  @Override
  public long allocate(long context) {
    last += 0x1000;
    out.add(last);
    return last;
  }

  @Override
  public void free(long context, long frame) {
    if (!out.remove(frame)) {
      boolean once = frame > 0x10000 && frame <= last;
      throw new IllegalStateException((once ? "freed again: 0x" : "unknown: 0x") + frame);
    }
  }
}
