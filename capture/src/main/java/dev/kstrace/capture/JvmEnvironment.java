package dev.kstrace.capture;

/** The environment of ordinary Java code. Stateless. */
enum JvmEnvironment implements CallEnvironment {
  INSTANCE;

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public int thread() {
    return (int) Thread.currentThread().getId();
  }

  @Override
  public int irql() {
    return -1;
  }
}
