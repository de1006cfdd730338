package dev.kstrace.capture;

/** An environment of the host's, none of whose faults reaches the host's calls. */
final class GuardedEnvironment implements CallEnvironment {
  private final CallEnvironment inner;

  GuardedEnvironment(CallEnvironment inner) {
    this.inner = inner;
  }

  @Override
  public long nanos() {
    try {
      return inner.nanos();
    } catch (RuntimeException e) {
      return 0;
    }
  }

  @Override
  public int thread() {
    try {
      return inner.thread();
    } catch (RuntimeException e) {
      return -1;
    }
  }

  @Override
  public int irql() {
    try {
      return inner.irql();
    } catch (RuntimeException e) {
      return -1;
    }
  }
}
