package dev.kstrace.capture;

/**
 * What a recorder asks its surroundings at the entry and the return of every call.
 *
 * <p>Implementations must be thread-safe, must not block and must not throw; the recorder reads a
 * throwing one as "unknown".
 */
public interface CallEnvironment {
  /** Nanoseconds on one monotonic clock with an arbitrary start. */
  long nanos();

  /** OS thread id of the caller; -1 = unknown. */
  int thread();

  /** Interrupt request level of the caller, 0 to 15; -1 = unknown. */
  int irql();

  /** The running JVM: {@link System#nanoTime}, the Java thread's id, no IRQL. Thread-safe. */
  static CallEnvironment ofJvm() {
    return JvmEnvironment.INSTANCE;
  }
}
