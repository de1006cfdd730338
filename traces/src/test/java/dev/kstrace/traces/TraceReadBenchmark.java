package dev.kstrace.traces;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Reading every column of a trace of two million events, against the official readers and against
 * reading the same bytes without looking at them. The file is in the page cache.
 *
 * <pre>
 *   mvn -q -Pbench -pl traces test-compile
 *   java @traces/target/bench.args TraceReadBenchmark
 * </pre>
 *
 * {@code traceReader} checks every checksum and range on its way; the official readers check
 * neither. They stop at loaded vectors; {@code traceReader} stops at Java arrays, which are what
 * loops over events want, and {@code arrowFileReaderToArrays} goes as far. On a busy machine
 * compare the fastest iterations.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class TraceReadBenchmark {
  private static final int EVENTS = 2_000_000;

  private final EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);

  // On a page: some processors copy several times slower to sixteen bytes behind one.
  private final ByteBuffer chunk =
      ByteBuffer.allocateDirect((1 << 20) + 4096).alignedSlice(4096).slice(0, 1 << 20);

  private Path file;

  /** Writes the trace. */
  @Setup(Level.Trial)
  public void write() throws IOException {
    file = Files.createTempFile("bench", ".arrow");
    try (TraceWriter writer = TraceWriter.create(file, TraceFiles.metadata(), true)) {
      for (int from = 0; from < EVENTS; from += BenchmarkEvents.ROWS) {
        writer.write(BenchmarkEvents.fill(batch, from));
      }
    }
  }

  /** Removes the trace. */
  @TearDown(Level.Trial)
  public void delete() throws IOException {
    Files.delete(file);
  }

  /** The bytes alone. */
  @Benchmark
  public long plainRead() throws IOException {
    long bytes = 0;
    try (FileChannel channel = FileChannel.open(file)) {
      while (channel.read(chunk.clear()) >= 0) {
        bytes += chunk.position();
      }
    }
    return bytes;
  }

  /** All columns into arrays, checksums checked. */
  @Benchmark
  public long traceReader() throws IOException {
    long rows = 0;
    try (TraceReader reader = TraceReader.open(file)) {
      while (reader.read(batch)) {
        rows += batch.rows();
      }
    }
    return rows;
  }

  /** All columns into vectors, by the footer. */
  @Benchmark
  public long arrowFileReader() throws IOException {
    try (BufferAllocator allocator = new RootAllocator();
        FileChannel channel = FileChannel.open(file);
        ArrowFileReader reader = new ArrowFileReader(channel, allocator)) {
      return rows(reader);
    }
  }

  /** All columns into vectors, as a stream. */
  @Benchmark
  public long arrowStreamReader() throws IOException {
    try (BufferAllocator allocator = new RootAllocator();
        FileChannel channel = FileChannel.open(file).position(8);
        ArrowStreamReader reader = new ArrowStreamReader(channel, allocator)) {
      return rows(reader);
    }
  }

  /** As {@code arrowFileReader}, then value by value into arrays. */
  @Benchmark
  public long arrowFileReaderToArrays() throws IOException {
    long rows = 0;
    try (BufferAllocator allocator = new RootAllocator();
        FileChannel channel = FileChannel.open(file);
        ArrowFileReader reader = new ArrowFileReader(channel, allocator)) {
      while (reader.loadNextBatch()) {
        VectorSchemaRoot root = reader.getVectorSchemaRoot();
        copy(root);
        rows += root.getRowCount();
      }
    }
    return rows;
  }

  private void copy(VectorSchemaRoot root) {
    UInt8Vector seq = (UInt8Vector) root.getVector("seq");
    UInt1Vector op = (UInt1Vector) root.getVector("op");
    UInt1Vector layer = (UInt1Vector) root.getVector("layer");
    BigIntVector entry = (BigIntVector) root.getVector("t_entry");
    BigIntVector exit = (BigIntVector) root.getVector("t_exit");
    UInt4Vector thread = (UInt4Vector) root.getVector("thread");
    UInt1Vector irqlEntry = (UInt1Vector) root.getVector("irql_entry");
    UInt1Vector irqlExit = (UInt1Vector) root.getVector("irql_exit");
    UInt8Vector pin = (UInt8Vector) root.getVector("pin");
    UInt8Vector context = (UInt8Vector) root.getVector("context");
    UInt8Vector frame = (UInt8Vector) root.getVector("frame");
    UInt8Vector size = (UInt8Vector) root.getVector("size");
    IntVector status = (IntVector) root.getVector("status");
    FieldVector framing = root.getVector("framing");
    FieldVector detail = root.getVector("detail");
    for (int row = 0; row < root.getRowCount(); row++) {
      batch.begin(row, seq.get(row), op.get(row), layer.get(row), entry.get(row));
      if (!exit.isNull(row)) {
        batch.setTExit(row, exit.get(row));
      }
      if (!thread.isNull(row)) {
        batch.setThread(row, thread.get(row));
      }
      if (!irqlEntry.isNull(row)) {
        batch.setIrqlEntry(row, irqlEntry.get(row));
      }
      if (!irqlExit.isNull(row)) {
        batch.setIrqlExit(row, irqlExit.get(row));
      }
      if (!pin.isNull(row)) {
        batch.setPin(row, pin.get(row));
      }
      if (!context.isNull(row)) {
        batch.setContext(row, context.get(row));
      }
      if (!frame.isNull(row)) {
        batch.setFrame(row, frame.get(row));
      }
      if (!size.isNull(row)) {
        batch.setSize(row, size.get(row));
      }
      if (!status.isNull(row)) {
        batch.setStatus(row, status.get(row));
      }
      if (!framing.isNull(row) || !detail.isNull(row)) {
        throw new IllegalStateException("no such events in this benchmark");
      }
    }
  }

  private static long rows(ArrowReader reader) throws IOException {
    long rows = 0;
    while (reader.loadNextBatch()) {
      rows += reader.getVectorSchemaRoot().getRowCount();
    }
    return rows;
  }
}
