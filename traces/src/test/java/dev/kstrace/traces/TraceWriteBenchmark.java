package dev.kstrace.traces;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.types.pojo.Schema;
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
 * Writing a trace of two million events from arrays, against the official writer and against
 * writing as many bytes without making them: into a new file, as a recorder does, or over one that
 * exists, which shows the writers' own work since no blocks of the file system are made.
 *
 * <pre>
 *   mvn -q -Pbench -pl traces test-compile
 *   java @traces/target/bench.args TraceWriteBenchmark
 * </pre>
 *
 * {@code traceWriter} computes checksums; the official writer has none.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class TraceWriteBenchmark {
  private static final int EVENTS = 2_000_000;

  private final EventBatch batch =
      BenchmarkEvents.fill(new EventBatch(TraceWriter.BATCH_ROWS), 12_345);

  // On a page: some processors copy several times slower to sixteen bytes behind one.
  private final ByteBuffer chunk =
      ByteBuffer.allocateDirect((1 << 20) + 4096).alignedSlice(4096).slice(0, 1 << 20);

  /** Whether each pass makes its file anew. */
  @Param({"false", "true"})
  public boolean fresh;

  private Path file;
  private long bytes;

  /** Makes the file that is written over. */
  @Setup(Level.Trial)
  public void create() throws IOException {
    file = Files.createTempFile("bench", ".arrow");
    bytes = traceWriter();
    System.out.printf("%.1f bytes an event%n", (double) bytes / EVENTS);
  }

  /** Removes the file. */
  @TearDown(Level.Trial)
  public void delete() throws IOException {
    Files.delete(file);
  }

  private FileChannel over() throws IOException {
    if (fresh) {
      Files.delete(file);
    }
    return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  /** As many bytes, a mebibyte at a time. */
  @Benchmark
  public long plainWrite() throws IOException {
    try (FileChannel channel = over()) {
      for (long rest = bytes; rest > 0; ) {
        chunk.clear().limit((int) Math.min(rest, chunk.capacity()));
        rest -= channel.write(chunk);
      }
      return channel.position();
    }
  }

  /** From arrays, with checksums. */
  @Benchmark
  public long traceWriter() throws IOException {
    return write(Compression.NONE);
  }

  /** The same, compressed. */
  @Benchmark
  public long traceWriterZstd() throws IOException {
    return write(Compression.ZSTD);
  }

  private long write(Compression compression) throws IOException {
    TraceWriter writer = TraceWriter.onto(over(), TraceFiles.metadata(), compression);
    try (writer) {
      for (int from = 0; from < EVENTS; from += BenchmarkEvents.ROWS) {
        writer.write(batch);
      }
    }
    return writer.position();
  }

  /** From the same arrays, set value by value into vectors. */
  @Benchmark
  public long arrowFileWriter() throws IOException {
    Schema schema = new Schema(new ArrowTrace().fields, TraceFiles.metadata().values());
    try (BufferAllocator allocator = new RootAllocator();
        VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
        FileChannel channel = over();
        ArrowFileWriter writer =
            new ArrowFileWriter(root, new DictionaryProvider.MapDictionaryProvider(), channel)) {
      writer.start();
      for (FieldVector vector : root.getFieldVectors()) {
        vector.setInitialCapacity(BenchmarkEvents.ROWS);
        vector.allocateNew();
      }
      for (int from = 0; from < EVENTS; from += BenchmarkEvents.ROWS) {
        for (FieldVector vector : root.getFieldVectors()) {
          vector.reset();
          set(vector);
          vector.setValueCount(BenchmarkEvents.ROWS);
        }
        root.setRowCount(BenchmarkEvents.ROWS);
        writer.writeBatch();
      }
      writer.end();
      return channel.position();
    }
  }

  private void set(FieldVector vector) {
    switch (vector.getName()) {
      case "seq" -> longs((UInt8Vector) vector, batch.seq);
      case "op" -> bytes((UInt1Vector) vector, batch.op);
      case "layer" -> bytes((UInt1Vector) vector, batch.layer);
      case "t_entry" -> longs((BigIntVector) vector, batch.tEntry);
      case "t_exit" -> longs((BigIntVector) vector, batch.tExit);
      case "thread" -> {
        for (int row = 0; row < BenchmarkEvents.ROWS; row++) {
          ((UInt4Vector) vector).set(row, batch.thread[row]);
        }
      }
      case "irql_entry" -> bytes((UInt1Vector) vector, batch.irqlEntry);
      case "irql_exit" -> bytes((UInt1Vector) vector, batch.irqlExit);
      case "context" -> longs((UInt8Vector) vector, batch.context);
      case "frame" -> longs((UInt8Vector) vector, batch.frame);
      case "size" -> longs((UInt8Vector) vector, batch.size);
      default -> {} // null throughout
    }
  }

  private static void longs(UInt8Vector vector, long[] values) {
    for (int row = 0; row < BenchmarkEvents.ROWS; row++) {
      vector.set(row, values[row]);
    }
  }

  private static void longs(BigIntVector vector, long[] values) {
    for (int row = 0; row < BenchmarkEvents.ROWS; row++) {
      vector.set(row, values[row]);
    }
  }

  private static void bytes(UInt1Vector vector, byte[] values) {
    for (int row = 0; row < BenchmarkEvents.ROWS; row++) {
      vector.set(row, values[row]);
    }
  }
}
