package dev.kstrace.replay;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.traces.Framing;
import java.io.Closeable;
import java.io.IOException;

/**
 * An allocator written in Java as a target. Java code has no IRQL, so it leaves the one it was
 * called at; how large its frames are nobody knows.
 */
final class DispatchTarget implements ReplayTarget {
  private final String name;
  private final AllocatorDispatch dispatch;
  private final Closeable resource;
  private int irql;

  /** A target that closes {@code resource} in the end. */
  DispatchTarget(String name, AllocatorDispatch dispatch, Closeable resource) {
    this.name = name;
    this.dispatch = dispatch;
    this.resource = resource;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean syntheticAddresses() {
    return false;
  }

  @Override
  public void present(int thread, int irql, long timeNs) {
    this.irql = irql;
  }

  @Override
  public int initialize(long pin, Framing framing, AllocatorDispatch.ContextOut context) {
    return dispatch.initialize(pin, framing, context);
  }

  @Override
  public void delete(long context) {
    dispatch.delete(context);
  }

  @Override
  public long allocate(long context) {
    return dispatch.allocate(context);
  }

  @Override
  public void free(long context, long frame) {
    dispatch.free(context, frame);
  }

  @Override
  public int irql() {
    return irql;
  }

  @Override
  public long usableBytes(long context, long frame) {
    return -1;
  }

  @Override
  public void close() throws IOException {
    resource.close();
  }
}
