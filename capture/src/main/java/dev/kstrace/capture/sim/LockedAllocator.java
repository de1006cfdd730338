package dev.kstrace.capture.sim;

import dev.kstrace.traces.Framing;
import java.util.Set;

/** An allocator for several threads: one call at a time. Thread-safe. */
final class LockedAllocator implements SimAllocator {
  private final SimAllocator allocator;

  LockedAllocator(SimAllocator allocator) {
    this.allocator = allocator;
  }

  @Override
  public synchronized int initialize(long pin, Framing framing, ContextOut context) {
    return allocator.initialize(pin, framing, context);
  }

  @Override
  public synchronized void delete(long context) {
    allocator.delete(context);
  }

  @Override
  public synchronized long allocate(long context) {
    return allocator.allocate(context);
  }

  @Override
  public synchronized void free(long context, long frame) {
    allocator.free(context, frame);
  }

  @Override
  public synchronized long usableBytes(long context, long frame) {
    return allocator.usableBytes(context, frame);
  }

  @Override
  public synchronized Set<Fault> pendingFaults() {
    return allocator.pendingFaults();
  }
}
