package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * The tracker and what collects its facts, over two million events that are already decoded; {@code
 * sum} only looks at the columns that the tracker needs for an ordinary call.
 *
 * <pre>
 *   mvn -q -Pbench test-compile
 *   java @analyze/target/bench.args TrackerBenchmark
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class TrackerBenchmark {
  private static final int EVENTS = 2_000_000;

  /** What the traffic looks like, see {@link LargeTraceGenerator.Shape}. */
  @Param({"STREAMING", "RANDOM", "FRESH"})
  String shape;

  private final List<PreparedBatch> batches = new ArrayList<>();
  private TraceMetadata metadata;

  /** Makes the events. */
  @Setup(Level.Trial)
  public void load() throws IOException {
    Path file = Files.createTempFile("bench", ".arrow");
    try {
      LargeTraceGenerator.write(file, LargeTraceGenerator.Shape.valueOf(shape), EVENTS, 1);
      try (TraceReader trace = TraceReader.open(file)) {
        metadata = trace.metadata();
        EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);
        while (trace.read(batch)) {
          PreparedBatch prepared = new PreparedBatch(batch);
          prepared.prepare();
          batches.add(prepared);
          batch = new EventBatch(TraceWriter.BATCH_ROWS);
        }
      }
    } finally {
      Files.delete(file);
    }
  }

  /** All facts of the trace. */
  @Benchmark
  public long track() {
    Collector collector = new Collector(metadata, new Inputs(), FrameHistory.empty());
    Tracker tracker = collector.tracker();
    for (PreparedBatch batch : batches) {
      tracker.accept(batch);
    }
    collector.finish();
    return tracker.events();
  }

  /** What the thread that reads does for the one that tracks. */
  @Benchmark
  public long prepare() {
    long kinds = 0;
    for (PreparedBatch batch : batches) {
      batch.prepare();
      kinds += batch.kind(0);
    }
    return kinds;
  }

  /** A look at every row. */
  @Benchmark
  public long sum() {
    long sum = 0;
    for (PreparedBatch prepared : batches) {
      EventBatch batch = prepared.events();
      for (int row = 0; row < batch.rows(); row++) {
        sum += batch.seq(row) + batch.op(row) + batch.tEntry(row) + batch.tExit(row);
        sum += batch.context(row) + batch.frame(row) + batch.size(row) + batch.present(row);
      }
    }
    return sum;
  }
}
