package dev.kstrace.traces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is read, and written the same way again. */
class RoundTripTest {
  @TempDir Path folder;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void readsWhatWasWritten(long seed) throws IOException {
    List<TraceEvent> events = RandomEvents.of(seed, 500);
    Path file = TraceFiles.write(folder.resolve("a.arrow"), events, 128);
    assertThat(TraceFiles.read(file)).isEqualTo(events);
  }

  @Test
  void storesNoiseAsItIsAndSteadyStreamsInAFewBytes() throws IOException {
    List<TraceEvent> noise = RandomEvents.mixed(9, 2000);
    Path plain = TraceFiles.write(folder.resolve("plain.arrow"), noise, 2000);
    Path zstd = TraceFiles.write(folder.resolve("zstd.arrow"), noise, 2000, Compression.ZSTD);
    assertThat(TraceFiles.read(zstd)).isEqualTo(noise);
    assertThat(Files.size(zstd)).isLessThan(Files.size(plain));
    EventBatch steady = BenchmarkEvents.fill(new EventBatch(BenchmarkEvents.ROWS), 1);
    Path small = folder.resolve("small.arrow");
    try (TraceWriter writer =
        TraceWriter.create(small, TraceFiles.metadata(), false, Compression.ZSTD)) {
      writer.write(steady);
    }
    assertThat((double) Files.size(small) / steady.rows()).isLessThan(14);
  }

  @ParameterizedTest(name = "written by {0}, read by {1}")
  @CsvSource({
    "1, 1",
    "1, 7",
    "1, 5000",
    "7, 1",
    "7, 7",
    "7, 16",
    "1000, 1",
    "1000, 999",
    "1000, 1000",
    "1000, 1001",
    "2048, 7",
    "2048, 4096",
    "2048, 2047"
  })
  void readsTheSameWhateverTheBatchesAndTheCapacity(int written, int read) throws IOException {
    List<TraceEvent> events = RandomEvents.mixed(77, written < 1000 ? 600 : 2048);
    Path file = TraceFiles.write(folder.resolve("a.arrow"), events, written);
    assertThat(TraceFiles.read(file, read)).isEqualTo(events);
  }

  @Test
  void readsColumnsLongerThanOneChunk() throws IOException {
    // The decoder copies 64 KiB at a time: 8192 longs, 16384 ints or offsets.
    List<TraceEvent> events = RandomEvents.mixed(78, 40_000);
    Path file = TraceFiles.write(folder.resolve("a.arrow"), events, 40_000);
    assertThat(TraceFiles.read(file, 40_000)).isEqualTo(events);
    assertThat(TraceFiles.read(file, 33_333)).isEqualTo(events);
  }

  @Test
  void readsATraceWithoutEvents() throws IOException {
    Path file = TraceFiles.write(folder.resolve("a.arrow"), List.of(), 1);
    try (TraceReader reader = TraceReader.open(file)) {
      EventBatch batch = TraceFiles.batch(RandomEvents.mixed(1, 3));
      assertThat(reader.read(batch)).isFalse();
      assertThat(batch.rows()).isZero();
      assertThat(reader.hasFooter()).isTrue();
      assertThat(reader.batches()).isZero();
      assertThat(reader.metadata()).isEqualTo(TraceFiles.metadata());
    }
  }

  @Test
  void tellsWhatItReadOf() throws IOException {
    Path file = TraceFiles.write(folder.resolve("a.arrow"), RandomEvents.mixed(5, 30), 10);
    try (TraceReader reader = TraceReader.open(file)) {
      assertThat(reader.file()).isEqualTo(file);
      assertThat(reader.fileBytes()).isEqualTo(Files.size(file));
      for (Column column : Column.values()) {
        assertThat(reader.hasColumn(column)).as(column.columnName()).isTrue();
      }
      TraceFiles.rest(reader, new EventBatch(4));
      assertThat(reader.batches()).isEqualTo(3);
      assertThat(reader.checkedBatches()).isEqualTo(3);
      assertThat(reader.tornBytes()).isZero();
    }
  }

  @Test
  void keepsTheMetadataInAscendingOrderOfTheKey() throws IOException {
    TraceMetadata metadata =
        TraceMetadata.of(Map.of("kstrace.z", "", "kstrace.host", "é\n=", "own", "x"));
    Path file = folder.resolve("a.arrow");
    TraceWriter.create(file, metadata, false).close();
    try (TraceReader reader = TraceReader.open(file)) {
      assertThat(reader.metadata()).isEqualTo(metadata);
      assertThat(reader.metadata().values().keySet())
          .containsExactly("kstrace.host", "kstrace.version", "kstrace.z", "own");
      assertThat(reader.metadata().get(TraceMetadata.VERSION)).isEqualTo("1.0");
    }
  }

  @Test
  void givesEqualBytesForEqualEventsWhateverTheRowsHeldBefore() throws IOException {
    List<TraceEvent> events = RandomEvents.mixed(3, 200);
    EventBatch dirty = TraceFiles.batch(RandomEvents.mixed(4, 200));
    dirty.setRows(0); // not cleared: the old values stay below
    events.forEach(dirty::add);
    byte[] clean = bytes(TraceFiles.batch(events));
    assertThat(bytes(dirty)).isEqualTo(clean);
    assertThat(bytes(TraceFiles.batch(events))).isEqualTo(clean);
  }

  @Test
  void givesEqualBytesWhateverWasWrittenBefore() throws IOException {
    EventBatch batch = TraceFiles.batch(RandomEvents.mixed(3, 101));
    Path file = folder.resolve("a.arrow");
    try (TraceWriter writer = TraceWriter.create(file, TraceFiles.metadata(), false)) {
      writer.write(batch);
      writer.write(TraceFiles.batch(RandomEvents.mixed(4, 150)));
      writer.write(batch);
    }
    byte[] bytes = Files.readAllBytes(file);
    List<TraceFiles.Batch> batches = TraceFiles.batches(bytes);
    assertThat(batches.get(2).custom(TraceWriter.CRC_KEY))
        .isEqualTo(batches.get(0).custom(TraceWriter.CRC_KEY));
  }

  @Test
  void leavesNothingOfARowThatWasThereBefore() throws IOException {
    List<TraceEvent> bare = List.of(TraceEvent.of(1, Op.DRIVER_UNLOAD, Layer.NONE, 0).build());
    Path file = TraceFiles.write(folder.resolve("a.arrow"), bare, 1);
    EventBatch dirty = TraceFiles.batch(RandomEvents.mixed(6, 50));
    dirty.setFraming(0, new Framing(1, 2, 3, 4, 5, 6));
    dirty.setDetail(0, "{\"old\":1}");
    dirty.setRows(0);
    try (TraceReader reader = TraceReader.open(file)) {
      assertThat(TraceFiles.rest(reader, dirty)).isEqualTo(bare);
    }
  }

  @Test
  void decodesOnlyTheColumnsAskedFor() throws IOException {
    List<TraceEvent> events = RandomEvents.mixed(8, 300);
    Path file = TraceFiles.write(folder.resolve("a.arrow"), events, 100);
    for (Column column : Column.values()) {
      try (TraceReader reader = TraceReader.open(file, EnumSet.of(Column.SEQ, column))) {
        List<TraceEvent> found = TraceFiles.rest(reader, new EventBatch(64));
        assertThat(found).hasSameSizeAs(events);
        for (int i = 0; i < events.size(); i++) {
          assertThat(only(found.get(i), column)).isEqualTo(only(events.get(i), column));
          assertThat(nullable(found.get(i), column)).containsOnlyNulls();
        }
      }
    }
  }

  private static Object only(TraceEvent event, Column column) {
    Object value =
        switch (column) {
          case SEQ -> event.seq();
          case OP -> event.op();
          case LAYER -> event.layer();
          case T_ENTRY -> event.tEntry();
          case T_EXIT -> event.tExit();
          case THREAD -> event.thread();
          case IRQL_ENTRY -> event.irqlEntry();
          case IRQL_EXIT -> event.irqlExit();
          case PIN -> event.pin();
          case CONTEXT -> event.context();
          case FRAME -> event.frame();
          case SIZE -> event.size();
          case STATUS -> event.status();
          case FRAMING -> event.framing();
          case DETAIL -> event.detail();
        };
    return String.valueOf(value);
  }

  /** The values of all nullable columns but one, with one null so that the list is never empty. */
  private static List<Object> nullable(TraceEvent event, Column but) {
    List<Column> columns = List.of(Column.values());
    int first = columns.indexOf(Column.T_EXIT);
    Object[] all = {
      event.tExit(),
      event.thread(),
      event.irqlEntry(),
      event.irqlExit(),
      event.pin(),
      event.context(),
      event.frame(),
      event.size(),
      event.status(),
      event.framing(),
      event.detail()
    };
    List<Object> values = new ArrayList<>();
    values.add(null);
    for (int i = 0; i < all.length; i++) {
      if (columns.get(first + i) != but) {
        values.add(all[i]);
      }
    }
    return values;
  }

  @Test
  void writesNothingForNoRows() throws IOException {
    Path file = folder.resolve("a.arrow");
    try (TraceWriter writer = TraceWriter.create(file, TraceFiles.metadata(), false)) {
      long before = writer.position();
      writer.write(new EventBatch(1));
      assertThat(writer.position()).isEqualTo(before).isEqualTo(Files.size(file));
    }
    assertThat(TraceFiles.batches(Files.readAllBytes(file))).isEmpty();
  }

  @Test
  void replacesAFileOnlyWhenAsked() throws IOException {
    Path file = TraceFiles.write(folder.resolve("a.arrow"), RandomEvents.mixed(1, 900), 900);
    byte[] before = Files.readAllBytes(file);
    assertThatThrownBy(() -> TraceWriter.create(file, TraceFiles.metadata(), false))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessage(file.toString());
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    List<TraceEvent> events = RandomEvents.mixed(2, 3);
    TraceFiles.write(file, events, 1);
    assertThat(TraceFiles.read(file)).isEqualTo(events);
  }

  @Test
  void leavesEveryBatchReadableWhenAbandoned() throws IOException {
    List<TraceEvent> events = RandomEvents.mixed(2, 30);
    Path file = folder.resolve("a.arrow");
    TraceWriter writer = TraceWriter.create(file, TraceFiles.metadata(), false);
    writer.write(TraceFiles.batch(events), 0, 10);
    writer.write(TraceFiles.batch(events), 10, 20);
    writer.abort();
    writer.close();
    try (TraceReader reader = TraceReader.open(file)) {
      assertThat(TraceFiles.rest(reader, new EventBatch(7))).isEqualTo(events);
      assertThat(reader.hasFooter()).isFalse();
      assertThat(reader.tornBytes()).isZero();
      assertThat(reader.checkedBatches()).isEqualTo(2);
    }
  }

  @Test
  void writesWholeMessagesToAChannelThatTakesLittleAtATime() throws IOException {
    List<TraceEvent> events = RandomEvents.mixed(2, 50);
    Sink slow = new Sink(3);
    try (TraceWriter writer = TraceWriter.onto(slow, TraceFiles.metadata(), Compression.NONE)) {
      writer.write(TraceFiles.batch(events));
    }
    assertThat(slow.bytes.toByteArray()).isEqualTo(bytes(TraceFiles.batch(events)));
    assertThat(slow.open).isFalse();
  }

  @Test
  void closesAChannelThatFailsAtOnce() {
    Sink broken = new Sink(0);
    assertThatThrownBy(() -> TraceWriter.onto(broken, TraceFiles.metadata(), Compression.NONE))
        .isInstanceOf(IOException.class)
        .hasMessage("full");
    assertThat(broken.open).isFalse();
  }

  @Test
  void refusesMoreRowsThanABatchHolds() {
    EventBatch batch = new EventBatch(1);
    TraceEvent event = TraceEvent.of(1, Op.MARK, Layer.NONE, 0).build();
    batch.add(event);
    assertThatThrownBy(() -> batch.add(event))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("batch full, capacity=1");
    assertThatThrownBy(() -> batch.setRows(2)).hasMessage("rows=2, capacity=1");
    assertThatThrownBy(() -> new EventBatch(0)).hasMessage("capacity=0, expected at least 1");
  }

  private static byte[] bytes(EventBatch batch) throws IOException {
    Sink sink = new Sink(Integer.MAX_VALUE);
    try (TraceWriter writer = TraceWriter.onto(sink, TraceFiles.metadata(), Compression.NONE)) {
      writer.write(batch);
    }
    return sink.bytes.toByteArray();
  }

  /** Takes so many bytes a call; 0 = fails. */
  private static final class Sink implements WritableByteChannel {
    private final java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
    private final int most;
    private boolean open = true;

    Sink(int most) {
      this.most = most;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      if (most == 0) {
        throw new IOException("full");
      }
      byte[] taken = new byte[Math.min(most, source.remaining())];
      source.get(taken);
      bytes.write(taken);
      return taken.length;
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void close() {
      open = false;
    }
  }
}
