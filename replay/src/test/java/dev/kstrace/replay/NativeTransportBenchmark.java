package dev.kstrace.replay;

import dev.kstrace.capture.AllocatorDispatch.ContextOut;
import dev.kstrace.replay.host.Natives;
import dev.kstrace.traces.Framing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to make a call in the host process, Java's filling and reading included, against a
 * plain C loop that makes the same calls of the same library.
 *
 * <pre>
 *   mvn -q -Pbench test-compile
 *   java @replay/target/bench.args NativeTransportBenchmark
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class NativeTransportBenchmark {
  private static final int CALLS = 1 << 20;
  private static final int LOOP_CALLS = 1 << 27;
  private static final int ALLOCATORS = 4;

  /** Calls in a batch; the engine starts with 256 and goes up to 8,192. */
  @Param({"256", "8192"})
  int batch;

  private Path library;
  private Path loop;
  private BatchTarget target;

  /** Builds and starts the target, and makes the allocators. */
  @Setup(Level.Trial)
  public void start() {
    library = Natives.plain("stack_frames.c", "-shared", "-fPIC", "-O2");
    loop = Natives.plain("plain_loop.c", "-O2");
    target = Natives.start(library, "StackFramesDispatch");
    for (int i = 0; i < ALLOCATORS; i++) {
      ContextOut context = new ContextOut();
      target.initialize(i, new Framing(0, 0, 0, 0, 0, 0), context);
      target.bindAllocator(i, context.value, true);
    }
  }

  /** Ends the process. */
  @TearDown(Level.Trial)
  public void stop() throws IOException {
    target.close();
  }

  private void send(int which, int from) {
    CallBatch calls = target.begin(which);
    for (int i = from; i < from + batch; i++) {
      int op = (i & 1) == 0 ? CallBatch.ALLOCATE : CallBatch.FREE;
      int allocator = i >> 1 & 3;
      calls.add(op, 0, allocator, allocator, 0, 1, 0, i);
    }
    target.send(which);
  }

  private long receive(int which) {
    if (target.receive(which) < batch) {
      throw new IllegalStateException("the target stopped");
    }
    CallBatch calls = target.batch(which);
    long sum = 0;
    for (int i = calls.count() - batch; i < calls.count(); i++) {
      sum += calls.outcome(i) + calls.value(i) + calls.bytes(i) + calls.irqlExit(i);
    }
    return sum;
  }

  /** Through the shared file, one batch being filled while another runs. */
  @Benchmark
  @OperationsPerInvocation(CALLS)
  public long host() {
    long sum = 0;
    send(0, 0);
    for (int from = batch, which = 1; from < CALLS; from += batch, which ^= 1) {
      send(which, from);
      sum += receive(which ^ 1);
    }
    return sum + receive((CALLS / batch - 1) & 1);
  }

  /** A plain loop in C. */
  @Benchmark
  @OperationsPerInvocation(LOOP_CALLS)
  public int plainLoop() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(loop.toString(), library.toString(), Integer.toString(LOOP_CALLS))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (process.waitFor() != 0) {
      throw new IllegalStateException("the loop failed");
    }
    return 0;
  }
}
