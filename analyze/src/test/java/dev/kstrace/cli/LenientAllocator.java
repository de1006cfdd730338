package dev.kstrace.cli;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.traces.Framing;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/** A replay target that takes back whatever it is given, so that a double free aliases. */
public class LenientAllocator implements AllocatorDispatch {
  private final Deque<Long> free = new ArrayDeque<>();
  private final Set<Long> out = new HashSet<>();
  private long contexts;
  private long next = 0x10000;

  /** An allocator without frames. */
  public LenientAllocator() {}

  /** The same with the fault repaired. */
  public static final class Repaired extends LenientAllocator {
    /** An allocator without frames. */
    public Repaired() {}

    @Override
    boolean accepts(boolean isOut) {
      return isOut;
    }
  }

  boolean accepts(boolean isOut) {
    return true;
  }

  @Override
  public int initialize(long pin, Framing framing, ContextOut context) {
    context.value = ++contexts;
    return 0;
  }

  @Override
  public void delete(long context) {}

  @Override
  public long allocate(long context) {
    if (free.isEmpty()) {
      next += 0x1000;
      free.push(next);
    }
    long frame = free.pop();
    out.add(frame);
    return frame;
  }

  @Override
  public void free(long context, long frame) {
    if (accepts(out.remove(frame))) {
      free.push(frame);
    }
  }
}
