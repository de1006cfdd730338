package dev.kstrace.replay;

import dev.kstrace.replay.host.Natives;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long a person waits at the end of a million events.
 *
 * <pre>
 *   mvn -q -Pbench -pl replay -am test-compile
 *   java @replay/target/bench.args ReplaySessionBenchmark
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(1)
public class ReplaySessionBenchmark {
  private static final int EVENTS = 1_000_000;

  @Param({"sim", "native"})
  private String target;

  private ReplaySession session;

  /** Drives to the end. */
  @Setup(Level.Iteration)
  public void open() throws IOException {
    List<TraceEvent> events = new ArrayList<>();
    events.add(
        TraceEvent.of(1, Op.INITIALIZE, Layer.CALLBACK, 0)
            .thread(1)
            .irql(0)
            .pin(1)
            .context(0xA)
            .status(0)
            .framing(new Framing(0, 0, 8, 64, 0, 0))
            .build());
    for (int i = 2; i <= EVENTS; i++) {
      Op op = i % 2 == 0 ? Op.ALLOCATE : Op.FREE;
      events.add(
          TraceEvent.of(i, op, Layer.CALLBACK, i)
              .thread(1)
              .irql(0)
              .context(0xA)
              .frame(0x5000)
              .build());
    }
    Recording recording = Recording.of(TraceMetadata.of(Map.of()), events);
    Supplier<ReplayTarget> targets =
        target.equals("sim")
            ? () -> ReplayTargets.parse("sim:slab", recording.metadata(), List.of())
            : () -> Natives.start(Natives.target("slab_frames.c", ""), "SlabAllocatorDispatch");
    session = new ReplaySession(recording, targets);
    session.moveTo(EVENTS);
  }

  /** Ends the session. */
  @TearDown(Level.Iteration)
  public void close() throws IOException {
    session.close();
  }

  /** One event back, and what the target did there. */
  @Benchmark
  public int back() throws IOException {
    session.moveTo(EVENTS - 1);
    return session.answer().size() + session.divergences().size();
  }

  /** The same, and which frames were out. */
  @Benchmark
  public int backAndFrames() throws IOException {
    session.moveTo(EVENTS - 1);
    return session.frames().size();
  }

  /** The same, and the pool, for which a fresh target is driven to that place. */
  @Benchmark
  public int backAndPool() throws IOException {
    session.moveTo(EVENTS - 1);
    return session.pool().size();
  }
}
