package dev.kstrace.replay;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.capture.sim.IrqlControl;
import dev.kstrace.capture.sim.SimAllocator;
import dev.kstrace.traces.Framing;

/** An allocator of the simulated device as a target: it knows its frames' sizes and has an IRQL. */
final class SimTarget implements ReplayTarget {
  private final String name;
  private final SimAllocator allocator;
  private final IrqlControl irql;

  /** A target whose allocator raises {@code irql}. */
  SimTarget(String name, SimAllocator allocator, IrqlControl irql) {
    this.name = name;
    this.allocator = allocator;
    this.irql = irql;
  }

  @Override
  public String name() {
    return name;
  }

  /** The simulated pools keep alignment as real ones do, so rules may judge it. */
  @Override
  public boolean syntheticAddresses() {
    return false;
  }

  @Override
  public void present(int thread, int irql, long timeNs) {
    this.irql.setIrql(irql);
  }

  @Override
  public int initialize(long pin, Framing framing, AllocatorDispatch.ContextOut context) {
    return allocator.initialize(pin, framing, context);
  }

  @Override
  public void delete(long context) {
    allocator.delete(context);
  }

  @Override
  public long allocate(long context) {
    return allocator.allocate(context);
  }

  @Override
  public void free(long context, long frame) {
    allocator.free(context, frame);
  }

  @Override
  public int irql() {
    return irql.irql();
  }

  @Override
  public long usableBytes(long context, long frame) {
    return allocator.usableBytes(context, frame);
  }

  @Override
  public void close() {}
}
