package dev.kstrace.capture.sim;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.traces.Framing;

/** Lets each call of an allocator take the time that such a call takes. Not thread-safe. */
final class TimedDispatch implements AllocatorDispatch {
  private static final int LARGE_FRAME_BYTES = 1 << 20;

  private final AllocatorDispatch inner;
  private final SimulatedCpu cpu;
  private final SplitMix random;
  private final boolean largeFrames;

  TimedDispatch(AllocatorDispatch inner, SimulatedCpu cpu, SplitMix random, int frameBytes) {
    this.inner = inner;
    this.cpu = cpu;
    this.random = random;
    this.largeFrames = frameBytes >= LARGE_FRAME_BYTES;
  }

  @Override
  public int initialize(long pin, Framing framing, ContextOut context) {
    cpu.spend(random.between(50_000, 400_000));
    return inner.initialize(pin, framing, context);
  }

  @Override
  public void delete(long context) {
    inner.delete(context);
    cpu.spend(random.between(20_000, 200_000));
  }

  @Override
  public long allocate(long context) {
    cpu.spend(largeFrames ? random.between(10_000, 500_000) : random.between(800, 6_000));
    return inner.allocate(context);
  }

  @Override
  public void free(long context, long frame) {
    inner.free(context, frame);
    cpu.spend(random.between(500, 3_000));
  }
}
