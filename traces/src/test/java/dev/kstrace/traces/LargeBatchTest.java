package dev.kstrace.traces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A batch of any size is read in little memory. */
class LargeBatchTest {
  private static final int ROWS = 3_000_000;
  private static final long MOST_BYTES = 16 << 20;

  @TempDir Path folder;

  @Test
  void readsABatchLargerThanWhatIsKeptInMemory() throws IOException {
    Path file = folder.resolve("a.arrow");
    EventBatch batch = new EventBatch(ROWS);
    for (int row = 0; row < ROWS; row++) {
      batch.begin(row, row, 2, 1, 3L * row);
      batch.setContext(row, 7);
      batch.setFrame(row, -row);
      if (row % 3 == 0) {
        batch.setTExit(row, 3L * row + 1);
      }
      if (row % 100_000 == 99_999) {
        batch.setDetail(row, "{\"row\":" + row + "}");
        batch.setFraming(row, new Framing(row, 1, 2, 3, 4, 5));
      }
    }
    batch.setRows(ROWS);
    try (TraceWriter writer = TraceWriter.create(file, TraceFiles.metadata(), false)) {
      writer.write(batch);
    }
    assertThat(Files.size(file)).isGreaterThan(100L << 20);
    try (TraceReader reader = TraceReader.open(file)) {
      EventBatch small = new EventBatch(4096);
      long before = allocated();
      int row = 0;
      while (reader.read(small)) {
        for (int i = 0; i < small.rows(); i++, row++) {
          boolean right =
              small.seq(i) == row
                  && small.op(i) == 2
                  && small.layer(i) == 1
                  && small.tEntry(i) == 3L * row
                  && small.context(i) == 7
                  && small.frame(i) == -row
                  && small.has(i, EventBatch.T_EXIT) == (row % 3 == 0)
                  && (row % 3 != 0 || small.tExit(i) == 3L * row + 1)
                  && !small.has(i, EventBatch.PIN);
          if (!right) {
            throw new AssertionError("row " + row + ": " + small.event(i));
          }
          if (row % 100_000 == 99_999) {
            assertThat(small.detail(i)).isEqualTo("{\"row\":" + row + "}");
            assertThat(small.framing(i)).isEqualTo(new Framing(row, 1, 2, 3, 4, 5));
          } else if (small.detail(i) != null || small.framing(i) != null) {
            throw new AssertionError("row " + row + ": " + small.event(i));
          }
        }
      }
      assertThat(row).isEqualTo(ROWS);
      assertThat(reader.batches()).isEqualTo(1);
      assertThat(reader.checkedBatches()).isEqualTo(1);
      assertThat(allocated() - before).as("bytes allocated").isLessThan(MOST_BYTES);
    }
  }

  @Test
  void findsDamageInABatchLargerThanWhatIsKeptInMemory() throws IOException {
    Path file = folder.resolve("a.arrow");
    EventBatch batch = new EventBatch(300_000);
    for (int row = 0; row < batch.capacity(); row++) {
      batch.begin(row, row, 2, 1, row);
    }
    batch.setRows(batch.capacity());
    try (TraceWriter writer = TraceWriter.create(file, TraceFiles.metadata(), false)) {
      writer.write(batch);
    }
    byte[] bytes = Files.readAllBytes(file);
    TraceFiles.Batch stored = TraceFiles.batches(bytes).get(0);
    assertThat(stored.bodyBytes()).isGreaterThan(1 << 24);
    bytes[(int) stored.bodyAt() + stored.bodyBytes() - 1] ^= 1;
    Files.write(file, bytes);
    try (TraceReader reader = TraceReader.open(file)) {
      assertThatThrownBy(() -> reader.read(new EventBatch(10)))
          .isInstanceOf(MalformedTraceException.class)
          .hasMessageContaining("is damaged in batch 0 at byte " + stored.offset())
          .hasMessageContaining("the checksum is wrong");
    }
  }

  @Test
  void readsALargeZstdBatchInLittleMemory() throws IOException {
    Path file = folder.resolve("a.arrow");
    Schema schema = new Schema(new ArrowTrace().fields, new ArrowTrace().metadata);
    try (BufferAllocator allocator = new RootAllocator();
        VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        ArrowFileWriter writer =
            new ArrowFileWriter(
                root,
                new DictionaryProvider.MapDictionaryProvider(),
                channel,
                schema.getCustomMetadata(),
                IpcOption.DEFAULT,
                CommonsCompressionFactory.INSTANCE,
                CodecType.ZSTD)) {
      for (FieldVector vector : root.getFieldVectors()) {
        vector.setInitialCapacity(ROWS);
        vector.allocateNew();
        fill(vector);
        vector.setValueCount(ROWS);
      }
      root.setRowCount(ROWS);
      writer.writeBatch();
    }
    try (TraceReader reader = TraceReader.open(file)) {
      EventBatch small = new EventBatch(4096);
      long before = allocated();
      int row = 0;
      while (reader.read(small)) {
        for (int i = 0; i < small.rows(); i++, row++) {
          if (small.seq(i) != row || small.tEntry(i) != 3L * row || small.frame(i) != row) {
            throw new AssertionError("row " + row + ": " + small.event(i));
          }
        }
      }
      assertThat(row).isEqualTo(ROWS);
      assertThat(allocated() - before).as("bytes allocated").isLessThan(MOST_BYTES);
    }
  }

  private static void fill(FieldVector vector) {
    if (vector instanceof BaseFixedWidthVector) {
      for (int row = 0; row < ROWS; row++) {
        if (vector instanceof UInt8Vector longs) {
          longs.set(row, row);
        } else if (vector instanceof BigIntVector longs) {
          longs.set(row, 3L * row);
        } else if (vector instanceof UInt1Vector bytes) {
          bytes.set(row, 1);
        }
      }
    }
  }

  /** Heap bytes that this thread has ever allocated. */
  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }
}
