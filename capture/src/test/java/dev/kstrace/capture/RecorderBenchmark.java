package dev.kstrace.capture;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What recording adds to an allocate and a free: the recording path alone, the writer's work on
 * another thread.
 *
 * <pre>
 *   mvn -q -Pbench test-compile
 *   java @capture/target/bench.args RecorderBenchmark
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RecorderBenchmark {
  private final AllocatorDispatch bare = new Constant();
  private TraceRecorder recorder;
  private AllocatorDispatch recorded;

  /** Does nothing, so that only the recorder is seen. */
  private static final class Constant implements AllocatorDispatch {
    @Override
    public int initialize(long pin, Framing framing, ContextOut context) {
      return 0;
    }

    @Override
    public void delete(long context) {}

    @Override
    public long allocate(long context) {
      return context + 0x1000;
    }

    @Override
    public void free(long context, long frame) {}
  }

  /** Opens a recorder whose file costs nothing. */
  @Setup
  public void open() {
    EventSink nothing =
        new EventSink() {
          @Override
          public void write(EventBatch batch, int fromRow, int rows) {}

          @Override
          public void close() {}
        };
    recorder = new TraceRecorder(nothing, CallEnvironment.ofJvm(), RecorderOptions.background());
    recorded = recorder.wrap(bare);
  }

  /** Ends the recording. */
  @TearDown
  public void close() throws IOException {
    recorder.close();
  }

  /** An allocate and a free without a recorder. */
  @Benchmark
  public void bare() {
    bare.free(1, bare.allocate(1));
  }

  /** An allocate and a free with it: two events. */
  @Benchmark
  public void recorded() {
    recorded.free(1, recorded.allocate(1));
  }

  /** The same from two threads at once. */
  @Benchmark
  @Threads(2)
  public void recordedByTwoThreads() {
    recorded.free(1, recorded.allocate(1));
  }
}
