package dev.kstrace.capture;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What recording costs in processor time, on machines that are too busy for {@code
 * RecorderBenchmark}: the loops take turns, many short rounds each, and only the time in which a
 * thread really ran counts. Where the buffer is full the threads wait, so that no event is cheap
 * because it was dropped.
 *
 * <pre>
 *   mvn -q -Pbench -pl capture -am test-compile
 *   head -2 capture/target/bench.args > capture/target/java.args
 *   java @capture/target/java.args dev.kstrace.capture.RecorderCost
 * </pre>
 */
final class RecorderCost {
  private static final int CALLS = 400_000;
  private static final int ROUNDS = 15;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Where times go, so that the compiler may not leave the clock alone. */
  static volatile long sink;

  /** What every claim of a place in one order takes, whoever makes it. */
  private static final AtomicLong ORDER = new AtomicLong();

  /** A loop of {@link #CALLS} allocates and as many frees. */
  private enum Loop {
    ONE_CLOCK,
    ONE_CLOCK_AND_ORDER,
    TWO_CLOCKS,
    TWO_CLOCKS_AND_ORDER,
    RECORDED,
    RECORDED_ENTRIES
  }

  private final AllocatorDispatch bare = new ConstantAllocator();

  private RecorderCost() {}

  /** Prints a table. */
  public static void main(String[] args) throws InterruptedException {
    RecorderCost cost = new RecorderCost();
    System.out.println("ns of processor time per event: min, median, max of " + ROUNDS + " rounds");
    for (int threads : new int[] {1, 2, 4, 8}) {
      cost.print(threads);
    }
  }

  private void print(int threads) throws InterruptedException {
    TraceRecorder whole = Nowhere.recorder(RecorderOptions.background().withOnFull(OnFull.BLOCK));
    TraceRecorder entries =
        Nowhere.recorder(
            RecorderOptions.background().withOnFull(OnFull.BLOCK).withExitTimes(false));
    Map<Loop, double[]> times = new EnumMap<>(Loop.class);
    for (Loop loop : Loop.values()) {
      times.put(loop, new double[ROUNDS]);
    }
    long allocated = 0;
    for (int round = -3; round < ROUNDS; round++) {
      for (Loop loop : Loop.values()) {
        AllocatorDispatch recorded = (loop == Loop.RECORDED ? whole : entries).wrap(bare);
        long[] used = run(loop, recorded, threads);
        if (round >= 0) {
          times.get(loop)[round] = used[0] / (2.0 * CALLS * threads);
          allocated += used[1];
        }
      }
    }
    for (Loop loop : Loop.values()) {
      double[] sorted = times.get(loop);
      Arrays.sort(sorted);
      System.out.printf(
          Locale.ROOT,
          "%d threads  %-20s %6.1f %6.1f %6.1f%n",
          threads,
          loop.name().toLowerCase(Locale.ROOT),
          sorted[0],
          sorted[ROUNDS / 2],
          sorted[ROUNDS - 1]);
    }
    System.out.printf(
        Locale.ROOT,
        "%d threads  allocated %d bytes, lost %d events%n",
        threads,
        allocated,
        whole.lostEvents() + entries.lostEvents());
    whole.close();
    entries.close();
  }

  /** Processor time in ns and bytes allocated, of all threads together. */
  private long[] run(Loop loop, AllocatorDispatch recorded, int threads)
      throws InterruptedException {
    long[][] used = new long[threads][2];
    CountDownLatch start = new CountDownLatch(threads);
    Thread[] running = new Thread[threads];
    for (int i = 0; i < threads; i++) {
      long[] own = used[i];
      running[i] =
          new Thread(
              () -> {
                start.countDown();
                while (start.getCount() > 0) {
                  Thread.onSpinWait();
                }
                long time = THREADS.getCurrentThreadCpuTime();
                long bytes = THREADS.getCurrentThreadAllocatedBytes();
                loop(loop, recorded);
                own[1] = THREADS.getCurrentThreadAllocatedBytes() - bytes;
                own[0] = THREADS.getCurrentThreadCpuTime() - time;
              });
      running[i].start();
    }
    long[] sum = new long[2];
    for (int i = 0; i < threads; i++) {
      running[i].join();
      sum[0] += used[i][0];
      sum[1] += used[i][1];
    }
    return sum;
  }

  private void loop(Loop loop, AllocatorDispatch recorded) {
    switch (loop) {
      case ONE_CLOCK -> oneClock();
      case ONE_CLOCK_AND_ORDER -> oneClockAndOrder();
      case TWO_CLOCKS -> twoClocks();
      case TWO_CLOCKS_AND_ORDER -> twoClocksAndOrder();
      case RECORDED -> recorded(recorded);
      case RECORDED_ENTRIES -> recordedEntries(recorded);
    }
  }

  private void oneClock() {
    long times = 0;
    for (int i = 0; i < CALLS; i++) {
      times += System.nanoTime();
      long frame = bare.allocate(1);
      times += System.nanoTime();
      bare.free(1, frame);
    }
    sink = times;
  }

  private void twoClocks() {
    long times = 0;
    for (int i = 0; i < CALLS; i++) {
      times += System.nanoTime();
      long frame = bare.allocate(1);
      times += System.nanoTime();
      times += System.nanoTime();
      bare.free(1, frame);
      times += System.nanoTime();
    }
    sink = times;
  }

  private void oneClockAndOrder() {
    long times = 0;
    for (int i = 0; i < CALLS; i++) {
      times += System.nanoTime();
      long frame = bare.allocate(1);
      claim();
      times += System.nanoTime();
      claim();
      bare.free(1, frame);
    }
    sink = times;
  }

  private void twoClocksAndOrder() {
    long times = 0;
    for (int i = 0; i < CALLS; i++) {
      times += System.nanoTime();
      long frame = bare.allocate(1);
      times += System.nanoTime();
      claim();
      times += System.nanoTime();
      claim();
      bare.free(1, frame);
      times += System.nanoTime();
    }
    sink = times;
  }

  /** The least that gives a place in one order: an atomic step that may have to be tried again. */
  private static void claim() {
    long seen;
    do {
      seen = ORDER.get();
    } while (!ORDER.compareAndSet(seen, seen + 4));
  }

  // One method for each recorder, so that each is compiled for its own.

  private static void recorded(AllocatorDispatch allocator) {
    for (int i = 0; i < CALLS; i++) {
      allocator.free(1, allocator.allocate(1));
    }
  }

  private static void recordedEntries(AllocatorDispatch allocator) {
    for (int i = 0; i < CALLS; i++) {
      allocator.free(1, allocator.allocate(1));
    }
  }
}
