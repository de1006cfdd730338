package dev.kstrace.replay;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
 * Events a second through the engine, from file to nowhere and from file to file, on an allocator
 * that costs next to nothing and on simulated ones.
 *
 * <pre>
 *   mvn -q -Pbench test-compile
 *   java @replay/target/bench.args ReplayEngineBenchmark
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class ReplayEngineBenchmark {
  private static final int EVENTS = 1 << 20;
  private static final int ALLOCATORS = 4;

  /** Frames that each allocator has out at a time. */
  @Param({"8", "4096"})
  int frames;

  /** What is driven; {@code small} hands out the frame freed last and does nothing else. */
  @Param({"small", "sim:default", "sim:slab"})
  String target;

  private Path dir;
  private Path recording;
  private final ReplayEngine engine = new ReplayEngine(ReplayOptions.DEFAULTS);

  /** Records frees and allocates of random frames. */
  @Setup(Level.Trial)
  public void record() throws IOException {
    dir = Files.createTempDirectory("kstrace");
    recording = dir.resolve("recording.arrow");
    Random random = new Random(1);
    EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);
    boolean[][] live = new boolean[ALLOCATORS][frames];
    Framing framing = new Framing(2, 0, frames, 4096, 0, 0);
    try (TraceWriter writer = TraceWriter.create(recording, TraceMetadata.of(Map.of()), true)) {
      for (int i = 0; i < EVENTS; i++) {
        int row = batch.rows();
        batch.setRows(row + 1);
        int allocator = i < ALLOCATORS ? i : random.nextInt(ALLOCATORS);
        int slot = random.nextInt(frames);
        boolean free = live[allocator][slot];
        Op op = i < ALLOCATORS ? Op.INITIALIZE : free ? Op.FREE : Op.ALLOCATE;
        batch.begin(row, i, op.code(), Layer.CALLBACK.code(), 100L * i);
        batch.setTExit(row, 100L * i + 50);
        batch.setThread(row, allocator);
        batch.setIrqlEntry(row, 0);
        batch.setIrqlExit(row, 0);
        batch.setContext(row, 0xC000L + allocator);
        if (op == Op.INITIALIZE) {
          batch.setStatus(row, 0);
          batch.setFraming(row, framing);
        } else {
          batch.setFrame(row, 0xFFFF_9A00_0000_0000L + ((long) (allocator * frames + slot) << 12));
          live[allocator][slot] = !free;
        }
        if (batch.isFull() || i == EVENTS - 1) {
          writer.write(batch, 0, batch.rows());
          batch.clear();
        }
      }
    }
  }

  /** Reads, drives, compares. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public ReplayReport compareOnly() throws IOException {
    return engine.run(recording, target(), null, true);
  }

  /** Reads twice (once for overlaps), drives, compares, writes. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public ReplayReport compareAndWrite() throws IOException {
    return engine.run(recording, target(), dir.resolve("replayed.arrow"), true);
  }

  private ReplayTarget target() {
    if (!target.equals("small")) {
      return ReplayTargets.parse(target, TraceMetadata.of(Map.of()), List.of());
    }
    return new DispatchTarget("test:small", new SmallAllocator(), () -> {});
  }

  /** Deletes the files. */
  @TearDown(Level.Trial)
  public void delete() throws IOException {
    Files.deleteIfExists(dir.resolve("replayed.arrow"));
    Files.delete(recording);
    Files.delete(dir);
  }
}
