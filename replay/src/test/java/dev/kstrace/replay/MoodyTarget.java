package dev.kstrace.replay;

import dev.kstrace.capture.AllocatorDispatch.ContextOut;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.NtStatus;
import java.util.ArrayList;
import java.util.List;

/**
 * A target that does anything, but always the same after the same calls, so that one call too many
 * or too few changes all that follows.
 */
final class MoodyTarget implements ReplayTarget {
  private final boolean faithful;
  private long state;
  private int irql;
  private int left = Integer.MAX_VALUE;
  private final List<Long> given = new ArrayList<>();

  MoodyTarget(long seed, boolean faithful) {
    this.state = seed;
    this.faithful = faithful;
  }

  MoodyTarget dyingAfter(int calls) {
    left = calls;
    return this;
  }

  private int next(int bound, long... with) {
    if (--left < 0) {
      throw new IllegalStateException("gone");
    }
    for (long value : with) {
      state = (state ^ value) * 0x9E3779B97F4A7C15L;
      state ^= state >>> 29;
    }
    return (int) Math.floorMod(state >>> 20, (long) bound);
  }

  @Override
  public String name() {
    return "test:moody";
  }

  @Override
  public boolean syntheticAddresses() {
    return true;
  }

  @Override
  public void present(int thread, int irql, long timeNs) {
    this.irql = irql;
    state += thread + timeNs;
  }

  @Override
  public int initialize(long pin, Framing framing, ContextOut context) {
    int mood = next(10, 1, pin, framing.frames());
    context.value = 0xC000 + (faithful ? (long) given.size() : mood);
    given.add(context.value);
    return mood == 0 && !faithful ? NtStatus.INSUFFICIENT_RESOURCES : NtStatus.SUCCESS;
  }

  @Override
  public void delete(long context) {
    next(10, 2, context);
  }

  @Override
  public long allocate(long context) {
    int mood = next(faithful ? 97 : 8, 3, context);
    if (mood == 0) {
      return 0;
    }
    long frame =
        mood == 1 && !given.isEmpty()
            ? given.get(next(given.size(), 5))
            : 0x7000_0000L + 64L * given.size();
    given.add(frame);
    return frame;
  }

  @Override
  public void free(long context, long frame) {
    next(10, 4, context, frame);
  }

  @Override
  public int irql() {
    return next(50, 6) == 0 ? 15 : irql;
  }

  @Override
  public long usableBytes(long context, long frame) {
    return next(3, 7) == 0 ? -1 : 64;
  }

  @Override
  public void close() {}
}
