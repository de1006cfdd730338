package dev.kstrace.capture;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What recording adds to a call: the recording path alone, the writer's work on another thread. One
 * operation is one call, which is one event; it alternates between an allocate and its free.
 *
 * <pre>
 *   mvn -q -Pbench -pl capture -am test-compile
 *   for t in 1 2 4 8; do java @capture/target/bench.args RecorderBenchmark -t $t; done
 *   java @capture/target/bench.args "RecorderBenchmark.recorded$" -prof gc
 *   java @capture/target/bench.args RecorderBenchmark -bm sample
 * </pre>
 *
 * Each fork says how many events found no room, which are cheaper than the others. {@code -prof gc}
 * counts the whole JVM, the writer included.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RecorderBenchmark {
  private final AllocatorDispatch bare = new ConstantAllocator();
  private TraceRecorder recorder;
  private TraceRecorder entryRecorder;
  private AllocatorDispatch recorded;
  private AllocatorDispatch recordedEntries;

  /** Opens recorders that write nowhere. */
  @Setup
  public void open() {
    recorder = Nowhere.recorder(RecorderOptions.background());
    recorded = recorder.wrap(bare);
    entryRecorder = Nowhere.recorder(RecorderOptions.background().withExitTimes(false));
    recordedEntries = entryRecorder.wrap(bare);
  }

  /** Ends the recordings, and tells what was lost. */
  @TearDown
  public void close() {
    recorder.close();
    entryRecorder.close();
    print(recorder);
    print(entryRecorder);
  }

  private static void print(TraceRecorder ended) {
    if (ended.recordedEvents() > 1) {
      System.out.printf(
          "lost %.2f %% of the events%n",
          100.0 * ended.lostEvents() / (ended.lostEvents() + ended.recordedEvents()));
    }
  }

  /** The calls without a recorder. */
  @Benchmark
  @OperationsPerInvocation(2)
  public void bare() {
    bare.free(1, bare.allocate(1));
  }

  /** The calls with one look at the clock each. */
  @Benchmark
  @OperationsPerInvocation(2)
  public void oneClock(Blackhole times) {
    times.consume(System.nanoTime());
    long frame = bare.allocate(1);
    times.consume(System.nanoTime());
    bare.free(1, frame);
  }

  /** The calls with the two looks at the clock that {@code t_entry} and {@code t_exit} take. */
  @Benchmark
  @OperationsPerInvocation(2)
  public void twoClocks(Blackhole times) {
    times.consume(System.nanoTime());
    long frame = bare.allocate(1);
    times.consume(System.nanoTime());
    times.consume(System.nanoTime());
    bare.free(1, frame);
    times.consume(System.nanoTime());
  }

  /** The calls recorded without the time of their return: one look at the clock. */
  @Benchmark
  @OperationsPerInvocation(2)
  public void recordedEntries() {
    recordedEntries.free(1, recordedEntries.allocate(1));
  }

  /** The calls recorded. */
  @Benchmark
  @OperationsPerInvocation(2)
  public void recorded() {
    recorded.free(1, recorded.allocate(1));
  }
}
