package dev.kstrace.capture.sim;

import dev.kstrace.capture.CallEnvironment;
import dev.kstrace.traces.Irql;

/** Clock, thread and IRQL of the simulated machine. */
abstract class SimulatedCpu implements CallEnvironment, IrqlControl {
  /** Lets a call take some time. */
  abstract void spend(long nanos);

  /** Lets what follows happen on one of the threads; the real ones choose themselves. */
  abstract void onThread(int index);

  /** One thread at a time on a clock that moves only when told to. Not thread-safe. */
  static final class Logical extends SimulatedCpu {
    private static final int FIRST_THREAD = 4;

    private long now;
    private int thread = FIRST_THREAD;
    private int irql = Irql.PASSIVE_LEVEL;

    /** Moves the clock to a time; it never goes back. */
    void advanceTo(long nanos) {
      now = Math.max(now, nanos);
    }

    @Override
    void spend(long nanos) {
      now += nanos;
    }

    /** Thread ids are multiples of four, as Windows gives them. */
    @Override
    void onThread(int index) {
      thread = FIRST_THREAD + 4 * index;
    }

    @Override
    public long nanos() {
      return now;
    }

    @Override
    public int thread() {
      return thread;
    }

    @Override
    public int irql() {
      return irql;
    }

    @Override
    public void setIrql(int level) {
      irql = level;
    }
  }

  /** OS threads on the real clock, each with an IRQL of its own. Thread-safe. */
  static final class Real extends SimulatedCpu {
    private final CallEnvironment jvm = CallEnvironment.ofJvm();
    private final ThreadLocal<int[]> levels = ThreadLocal.withInitial(() -> new int[1]);

    @Override
    void spend(long nanos) {}

    @Override
    void onThread(int index) {}

    @Override
    public long nanos() {
      return jvm.nanos();
    }

    @Override
    public int thread() {
      return jvm.thread();
    }

    @Override
    public int irql() {
      return levels.get()[0];
    }

    @Override
    public void setIrql(int level) {
      levels.get()[0] = level;
    }
  }
}
