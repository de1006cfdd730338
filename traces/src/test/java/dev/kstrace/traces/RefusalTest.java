package dev.kstrace.traces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.google.flatbuffers.FlatBufferBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.Endianness;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no trace is refused, and the message says why. */
class RefusalTest {
  private static final String REQUIRED =
      "; the trace format requires seq, op, layer, t_entry, context and frame";

  @TempDir Path folder;

  @Test
  void refusesAMissingFile() {
    Path file = folder.resolve("absent.arrow");
    assertThatThrownBy(() -> TraceReader.open(file))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(file.toString());
  }

  @Test
  void refusesADirectory() {
    refuses(folder, "is a directory; expected a trace file (*.arrow)");
  }

  @Test
  void refusesAnEmptyFile() throws IOException {
    refuses(store(new byte[0]), "is empty; expected an Arrow IPC file that begins with ARROW1");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void refusesLessThanTheMagic(int bytes) throws IOException {
    refuses(
        store(new byte[] {'A', 'R', 'R', 'O', 'W'}, bytes),
        "is not an Arrow file: it does not begin with ARROW1");
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 7, 8, 18, 30})
  void refusesTheMagicAlone(int bytes) throws IOException {
    refuses(
        store("ARROW1".getBytes(StandardCharsets.UTF_8), bytes),
        "is an Arrow file without a schema; expected a trace");
  }

  @Test
  void refusesAnArrowStream() throws IOException {
    Path file = folder.resolve("a.arrows");
    try (BufferAllocator allocator = new RootAllocator();
        VectorSchemaRoot root =
            VectorSchemaRoot.create(new Schema(ArrowTrace.standard()), allocator);
        ArrowStreamWriter writer =
            new ArrowStreamWriter(root, null, Channels.newChannel(Files.newOutputStream(file)))) {
      writer.start();
      writer.end();
    }
    refuses(file, "is an Arrow IPC stream; expected an Arrow IPC file that begins with ARROW1");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 7, 8, 100, 4096})
  void refusesRandomBytes(int length) throws IOException {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    refuses(store(bytes), "is not an Arrow file: it does not begin with ARROW1");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "-1, -1", "2147483647, 2147483647", "1000000, 1000000"})
  void refusesAFooterLargerThanTheFile(int stored, long named) throws IOException {
    byte[] bytes = sample();
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.length - 10, stored);
    refuses(store(bytes), "has a footer of " + named + " bytes, which the file cannot hold");
  }

  @Test
  void refusesAFooterWithoutSense() throws IOException {
    byte[] bytes = sample();
    int at = bytes.length - 10 - 64;
    java.util.Arrays.fill(bytes, at, bytes.length - 10, (byte) 0x7F);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.length - 10, 64);
    refuses(store(bytes), "has a damaged footer at byte " + at);
  }

  @Test
  void refusesAnArrowFileThatIsNoTrace() throws IOException {
    ArrowTrace trace = new ArrowTrace();
    trace.metadata.clear();
    refuses(
        trace,
        "is an Arrow file but no trace: its schema metadata have no kstrace.version; expected"
            + " kstrace.version=1.x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.0", "0.9", "999999999.1"})
  void refusesAnotherMajorVersionAndNamesBoth(String version) throws IOException {
    ArrowTrace trace = new ArrowTrace();
    trace.metadata.put("kstrace.version", version);
    refuses(
        trace,
        "is written in trace format "
            + version
            + "; this kstrace reads version 1.x. Use a kstrace of that version, or convert the"
            + " trace");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "one", "1.", ".1", "-1.0", "1.0.0", "9999999999.0", "1.0 "})
  void refusesAVersionWithoutSense(String version) throws IOException {
    ArrowTrace trace = new ArrowTrace();
    trace.metadata.put("kstrace.version", version);
    refuses(
        trace,
        "has kstrace.version=" + Escapes.escape(version) + "; expected major.minor such as 1.0");
  }

  @Test
  void printsNoControlCharactersOfTheFile() throws IOException {
    ArrowTrace trace = new ArrowTrace();
    trace.metadata.put("kstrace.version", "1.0\u001B[2J\n");
    refuses(trace, "has kstrace.version=1.0\\u001b[2J\\n; expected major.minor such as 1.0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"seq", "op", "layer", "t_entry", "context", "frame"})
  void refusesATraceWithoutARequiredColumn(String column) throws IOException {
    refuses(new ArrowTrace().without(column), "has no column " + column + REQUIRED);
  }

  @Test
  void refusesColumnsOfAnotherType() throws IOException {
    refusesType("seq", ArrowTrace.INT64, "int64; expected uint64");
    refusesType("op", ArrowTrace.INT32, "int32; expected uint8");
    refusesType("t_entry", ArrowTrace.UINT64, "uint64; expected int64");
    refusesType("thread", ArrowTrace.INT32, "int32; expected uint32");
    refusesType("status", ArrowTrace.UINT32, "uint32; expected int32");
    refusesType("detail", new ArrowType.Binary(), "binary; expected utf8");
    refusesType("detail", new ArrowType.Utf8View(), "utf8view; expected utf8");
    refusesType("pin", new ArrowType.Utf8(), "utf8; expected uint64");
    refusesType("context", new ArrowType.Null(), "null; expected uint64");
    refusesType(
        "frame",
        new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE),
        "floatingpoint; expected uint64");
    refusesType("framing", ArrowTrace.UINT32, "uint32; expected list<struct of six uint32>");
  }

  private void refusesType(String column, ArrowType type, String rest) throws IOException {
    refuses(
        new ArrowTrace().with(ArrowTrace.column(column, type, true)),
        "has column " + column + " of type " + rest);
  }

  @Test
  void refusesADictionaryInPlaceOfAColumn() throws IOException {
    FieldType type = new FieldType(true, ArrowTrace.UINT64, new DictionaryEncoding(1, false, null));
    Schema schema =
        new Schema(
            new ArrowTrace().with(new Field("pin", type, List.of())).fields,
            Map.of("kstrace.version", "1.0"));
    refuses(
        store(fileOf(ByteBuffer.wrap(schema.serializeAsMessage()))),
        "has column pin of type dictionary; expected uint64");
  }

  @Test
  void refusesAFramingThatIsNoListOfTheStructure() throws IOException {
    Field item = ArrowTrace.column("item", ArrowTrace.UINT32, false);
    refuses(
        new ArrowTrace()
            .with(new Field("framing", FieldType.nullable(new ArrowType.List()), List.of(item))),
        "has column framing of type a list of something else; expected list<struct of six uint32>");
  }

  @Test
  void refusesAFramingWithoutAMember() throws IOException {
    for (String name : TraceSchema.FRAMING_FIELDS) {
      List<Field> members = ArrowTrace.members();
      members.removeIf(field -> field.getName().equals(name));
      refuses(
          new ArrowTrace().with(ArrowTrace.framing(new ArrowType.List(), "item", members)),
          "has framing without " + name + "; expected uint32");
    }
  }

  @Test
  void refusesAMemberOfAnotherType() throws IOException {
    List<Field> members = ArrowTrace.members();
    members.set(3, ArrowTrace.column("frame_size", ArrowTrace.UINT64, false));
    refuses(
        new ArrowTrace().with(ArrowTrace.framing(new ArrowType.List(), "item", members)),
        "has framing.frame_size of type uint64; expected uint32");
  }

  @Test
  void refusesTwoMembersOfOneName() throws IOException {
    ArrowTrace trace = new ArrowTrace();
    List<Field> members = ArrowTrace.members();
    members.add(ArrowTrace.column("frames", ArrowTrace.UINT32, false));
    trace.with(ArrowTrace.framing(new ArrowType.List(), "item", members));
    Schema schema = new Schema(trace.fields, trace.metadata);
    refuses(
        store(fileOf(ByteBuffer.wrap(schema.serializeAsMessage()))),
        "has two members of framing named frames");
  }

  @Test
  void refusesTwoColumnsOfOneName() throws IOException {
    ArrowTrace trace = new ArrowTrace();
    trace.fields.add(ArrowTrace.column("pin", ArrowTrace.UINT64, true));
    Schema schema = new Schema(trace.fields, trace.metadata);
    refuses(
        store(fileOf(ByteBuffer.wrap(schema.serializeAsMessage()))), "has two columns named pin");
  }

  @Test
  void refusesBigEndian() throws IOException {
    byte[] bytes = schemaMessage(Endianness.Big, MetadataVersion.V5);
    refuses(store(bytes), "is written big-endian; expected a little-endian Arrow file");
  }

  @Test
  void refusesAMetadataVersionOfLongAgo() throws IOException {
    byte[] bytes = schemaMessage(Endianness.Little, MetadataVersion.V3);
    refuses(store(bytes), "has Arrow metadata version 2 at byte 8; expected V5");
  }

  @Test
  void refusesASchemaNestedWithoutEnd() throws IOException {
    Field field = ArrowTrace.column("n", ArrowTrace.INT32, true);
    for (int depth = 0; depth < 200; depth++) {
      field = new Field("x", FieldType.nullable(new ArrowType.Struct()), List.of(field));
    }
    ArrowTrace trace = new ArrowTrace();
    trace.fields.add(field);
    Schema schema = new Schema(trace.fields, trace.metadata);
    refuses(
        store(fileOf(ByteBuffer.wrap(schema.serializeAsMessage()))),
        "has a schema nested too deep or with too many fields");
  }

  @Test
  void refusesMoreMetadataThanATraceHas() throws IOException {
    ArrowTrace trace = new ArrowTrace();
    for (int i = 0; i < 10_000; i++) {
      trace.metadata.put("k" + i, "");
    }
    refuses(trace, "has 10001 metadata entries; expected a few");
  }

  @Test
  void refusesLz4() throws IOException {
    ArrowTrace trace = new ArrowTrace();
    trace.codec = CodecType.LZ4_FRAME;
    Path file = trace.write(folder.resolve("a.arrow"), RandomEvents.mixed(1, 40), 40);
    refusesBatch(file, 0, "its body is LZ4-compressed; expected no compression or ZSTD");
  }

  @ParameterizedTest
  @ValueSource(strings = {"seq", "op", "layer", "t_entry"})
  void refusesANullInARequiredColumn(String column) throws IOException {
    ArrowTrace trace = new ArrowTrace();
    trace.fields.replaceAll(
        field ->
            field.getName().equals(column)
                ? ArrowTrace.column(column, field.getType(), true)
                : field);
    trace.afterwards =
        (vector, rows) -> {
          if (vector.getName().equals(column) && rows == 5) {
            ((BaseFixedWidthVector) vector).setNull(3);
          }
        };
    Path file = trace.write(folder.resolve("a.arrow"), RandomEvents.mixed(1, 15), 10);
    refusesBatch(file, 1, "column " + column + " holds a null, expected none");
  }

  @Test
  void refusesAListOfTwoFramings() throws IOException {
    ArrowTrace trace = new ArrowTrace();
    trace.afterwards =
        (vector, rows) -> {
          if (vector instanceof ListVector list) {
            int index = list.startNewValue(0);
            Framing framing = new Framing(1, 2, 3, 4, 5, 6);
            ArrowTrace.element(list.getDataVector(), index, framing);
            ArrowTrace.element(list.getDataVector(), index + 1, framing);
            list.endValue(0, 2);
            list.getDataVector().setValueCount(2);
          }
        };
    Path file = trace.write(folder.resolve("a.arrow"), RandomEvents.mixed(1, 1), 1);
    refusesBatch(file, 0, "column framing has a list of 2, expected one");
  }

  @Test
  void refusesAWrongChecksumAndNamesTheBatch() throws IOException {
    byte[] bytes = sample();
    TraceFiles.Batch third = TraceFiles.batches(bytes).get(2);
    bytes[(int) third.bodyAt()] ^= 1;
    Path file = store(bytes);
    EventBatch batch = new EventBatch(100);
    try (TraceReader reader = TraceReader.open(file)) {
      assertThat(reader.read(batch)).isTrue();
      assertThat(reader.read(batch)).isTrue();
      java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
      crc.update(bytes, (int) third.bodyAt(), third.bodyBytes());
      assertThatThrownBy(() -> reader.read(batch))
          .isInstanceOf(MalformedTraceException.class)
          .hasMessage(
              "%s: is damaged in batch 2 at byte %d: the checksum is wrong: kstrace.crc32c says %s,"
                  + " the body gives %08x",
              file, third.offset(), third.custom("kstrace.crc32c"), crc.getValue());
      assertThat(reader.checkedBatches()).isEqualTo(2);
    }
  }

  @Test
  void acceptsAChecksumInCapitals() throws IOException {
    byte[] bytes = TraceFiles.unsealed(sample());
    for (TraceFiles.Batch batch : TraceFiles.batches(bytes)) {
      String crc = batch.custom("kstrace.crc32c");
      int at = indexOf(bytes, crc.getBytes(StandardCharsets.UTF_8));
      System.arraycopy(
          crc.toUpperCase(java.util.Locale.ROOT).getBytes(StandardCharsets.UTF_8), 0, bytes, at, 8);
    }
    assertThat(TraceFiles.read(store(bytes))).isEqualTo(RandomEvents.mixed(1, 60));
  }

  @Test
  void refusesAHeaderThatWasChanged() throws IOException {
    byte[] bytes = sample();
    TraceFiles.Batch second = TraceFiles.batches(bytes).get(1);
    String sealed = second.custom(HeaderCrc.KEY);
    ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int rows = rowsAt(all, second, 20);
    all.putLong(rows, all.getLong(rows) ^ 1);
    Path file = store(bytes);
    try (TraceReader reader = TraceReader.open(file)) {
      EventBatch batch = new EventBatch(100);
      assertThat(reader.read(batch)).isTrue();
      assertThatThrownBy(() -> reader.read(batch))
          .isInstanceOf(MalformedTraceException.class)
          .hasMessageStartingWith(
              "%s: is damaged in batch 1 at byte %d: the checksum of its header is wrong: "
                  + "kstrace.header_crc32c says %s, the header gives ",
              file, second.offset(), sealed);
    }
  }

  @Test
  void refusesAFooterThatPointsElsewhere() throws IOException {
    byte[] bytes = sample();
    TraceFiles.Batch second = TraceFiles.batches(bytes).get(1);
    moveBlock(bytes, second.offset(), second.bodyAt());
    refusesBatch(
        store(bytes), 1, second.bodyAt(), "the footer points at something that is no record batch");
    moveBlock(bytes, second.bodyAt(), 7);
    refuses(store(bytes), "has a footer that places batch 1 at byte 7, outside the file");
    moveBlock(bytes, 7, Long.MAX_VALUE);
    refuses(
        store(bytes),
        "has a footer that places batch 1 at byte 9223372036854775807, outside the file");
  }

  @Test
  void refusesAFooterThatTakesTheSchemaForABatch() throws IOException {
    byte[] bytes = sample();
    moveBlock(bytes, TraceFiles.batches(bytes).get(0).offset(), 8);
    refusesBatch(store(bytes), 0, 8, "the footer points at something that is no record batch");
  }

  @Test
  void refusesAChecksumOfAnotherLength() throws IOException {
    byte[] bytes = sample();
    TraceFiles.Batch second = TraceFiles.batches(bytes).get(1);
    String crc = second.custom("kstrace.crc32c");
    int at = indexOf(bytes, crc.getBytes(StandardCharsets.UTF_8)) - Integer.BYTES;
    assertThat(bytes[at]).as("the length of the text").isEqualTo((byte) 8);
    bytes[at] = 7;
    refusesBatch(store(bytes), 1, "kstrace.crc32c has 7 bytes, expected 8 hexadecimal digits");
  }

  @Test
  void refusesMoreMetadataThanABatchHas() throws IOException {
    byte[] bytes = TraceFiles.unsealed(sample());
    TraceFiles.Batch first = TraceFiles.batches(bytes).get(0);
    String reason = "it has 1001 metadata entries, expected a few";
    int found = 0;
    for (int at = (int) first.offset() + 8; at < first.bodyAt(); at += Integer.BYTES) {
      byte[] damaged = bytes.clone();
      ByteBuffer all = ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN);
      if (all.getInt(at) == 2) { // one of them is the number of entries
        all.putInt(at, 1001);
        try {
          TraceFiles.read(store(damaged));
        } catch (MalformedTraceException e) {
          found += e.getMessage().endsWith(reason) ? 1 : 0;
        }
      }
    }
    assertThat(found).isEqualTo(1);
  }

  @Test
  void refusesBuffersThatAreTooShortOrOutsideTheBody() throws IOException {
    Path file = folder.resolve("a.arrow");
    new ArrowTrace().write(file, RandomEvents.mixed(1, 53), 53);
    byte[] bytes = Files.readAllBytes(file);
    TraceFiles.Batch batch = TraceFiles.batches(bytes).get(0);
    RecordBatch header = (RecordBatch) batch.message().header(new RecordBatch());
    Buffer validity = header.buffers(0);
    Buffer values = header.buffers(1);
    long body = batch.bodyBytes();
    refusesBuffer(bytes, values, values.offset(), 423, "column seq has 423 bytes, expected 424");
    refusesBuffer(bytes, validity, validity.offset(), 6, "column seq has 6 bytes, expected 7");
    long[][] outside = {
      {-1, 424}, {0, -1}, {body + 1, 0}, {body - 400, 424}, {8, Long.MAX_VALUE}, {1L << 32, 424}
    };
    for (long[] where : outside) {
      refusesBuffer(
          bytes,
          values,
          where[0],
          where[1],
          "column seq lies at "
              + where[0]
              + " with "
              + where[1]
              + " bytes, outside a body of "
              + body);
    }
  }

  private void refusesBuffer(byte[] bytes, Buffer old, long offset, long length, String reason)
      throws IOException {
    byte[] damaged = bytes.clone();
    ByteBuffer all = ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN);
    int at = pairAt(all, old.offset(), old.length());
    all.putLong(at, offset).putLong(at + 8, length);
    refusesBatch(store(damaged), 0, reason);
  }

  @Test
  void refusesOffsetsThatFallOrLeaveTheirBuffer() throws IOException {
    List<TraceEvent> events = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      TraceEvent.Builder event = TraceEvent.of(i, Op.INITIALIZE, Layer.CALLBACK, i);
      events.add(event.detail("0123456789").framing(new Framing(1, 2, 3, 4, 5, 6)).build());
    }
    Path file = folder.resolve("a.arrow");
    new ArrowTrace().write(file, events, 4);
    byte[] bytes = Files.readAllBytes(file);
    // 13 columns of two buffers, then framing: validity, offsets, struct, six members of two.
    refusesOffset(bytes, 27, 3, 1, "column framing has offset 1, expected 2 to 4");
    refusesOffset(bytes, 27, 4, 5, "column framing has offset 5, expected 3 to 4");
    refusesOffset(bytes, 27, 0, -1, "column framing has offset -1, expected 0 to 4");
    refusesOffset(bytes, 42, 2, 9, "column detail has offset 9, expected 10 to 40");
    refusesOffset(bytes, 42, 4, 41, "column detail has offset 41, expected 30 to 40");
    refusesOffset(
        bytes, 42, 0, 0x7FFFFFFF, "column detail has offset 2147483647, expected 0 to 40");
  }

  private void refusesOffset(byte[] bytes, int buffer, int index, int offset, String reason)
      throws IOException {
    TraceFiles.Batch batch = TraceFiles.batches(bytes).get(0);
    RecordBatch header = (RecordBatch) batch.message().header(new RecordBatch());
    byte[] damaged = bytes.clone();
    int at = (int) (batch.bodyAt() + header.buffers(buffer).offset()) + index * Integer.BYTES;
    ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN).putInt(at, offset);
    refusesBatch(store(damaged), 0, reason);
  }

  @Test
  void refusesNullsWithoutAValidityBuffer() throws IOException {
    Path file = folder.resolve("a.arrow");
    TraceEvent event = TraceEvent.of(1, Op.FREE, Layer.CALLBACK, 5).context(7).frame(9).build();
    TraceFiles.write(file, List.of(event), 1);
    byte[] bytes = TraceFiles.unsealed(Files.readAllBytes(file));
    ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    all.putLong(pairAt(all, 1, 0) + 8, 1); // the node of seq, the first column
    refusesBatch(store(bytes), 0, "column seq has nulls but no validity buffer");
  }

  /** Where two numbers stand side by side, as a buffer's or a node's do. */
  private static int pairAt(ByteBuffer all, long first, long second) {
    for (int at = 0; ; at += 8) {
      if (all.getLong(at) == first && all.getLong(at + 8) == second) {
        return at;
      }
    }
  }

  @Test
  void refusesAFooterThatListsABatchTwice() throws IOException {
    // A small footer could otherwise make a reader work for days.
    byte[] bytes = sample();
    List<TraceFiles.Batch> batches = TraceFiles.batches(bytes);
    long first = batches.get(0).offset();
    moveBlock(bytes, batches.get(1).offset(), first);
    refusesBatch(
        store(bytes), 1, first, "the footer lists it before the end of the batch before it");
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 1L << 40, Long.MAX_VALUE, -1})
  void refusesRowsThatTheBodyDoesNotHold(long claimed) throws IOException {
    byte[] bytes = TraceFiles.unsealed(sample());
    TraceFiles.Batch second = TraceFiles.batches(bytes).get(1);
    ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    all.putLong(rowsAt(all, second, 20), claimed);
    Path file = store(bytes);
    String what =
        claimed < 0 ? "it claims -1 rows" : "column seq has 20 values, expected " + claimed;
    refusesBatch(file, 1, what);
  }

  @Test
  void believesNoNumberOfRowsWithoutAColumnThatHasThem() throws IOException {
    Path file = folder.resolve("a.arrow");
    new ArrowTrace().without("pin").write(file, RandomEvents.mixed(1, 53), 53);
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    all.putLong(rowsAt(all, TraceFiles.batches(bytes).get(0), 53), 1L << 60);
    store(bytes);
    try (TraceReader reader = TraceReader.open(file, EnumSet.of(Column.PIN))) {
      assertThatThrownBy(() -> reader.read(new EventBatch(100)))
          .isInstanceOf(MalformedTraceException.class)
          .hasMessageEndingWith("column op has 53 values, expected " + (1L << 60));
    }
  }

  /** Where the number of rows lies: nothing else before the field nodes is that number. */
  private static int rowsAt(ByteBuffer all, TraceFiles.Batch batch, long rows) {
    for (int at = (int) batch.offset(); ; at++) {
      if (all.getLong(at) == rows) {
        return at;
      }
    }
  }

  private static void moveBlock(byte[] bytes, long from, long to) {
    ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int footerBytes = all.getInt(bytes.length - 10);
    for (int at = bytes.length - 10 - footerBytes; ; at += 4) {
      if (all.getLong(at) == from) {
        all.putLong(at, to);
        return;
      }
    }
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int at = 0; ; at++) {
      if (java.util.Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
  }

  /** Three batches of twenty events. */
  private byte[] sample() throws IOException {
    return Files.readAllBytes(
        TraceFiles.write(folder.resolve("sample.arrow"), RandomEvents.mixed(1, 60), 20));
  }

  @Test
  void refusesAColumnOfATypeWhoseBuffersItCannotCount() throws IOException {
    FlatBufferBuilder builder = new FlatBufferBuilder();
    int name = builder.createString("future");
    int children = org.apache.arrow.flatbuf.Field.createChildrenVector(builder, new int[0]);
    int type = org.apache.arrow.flatbuf.Int.createInt(builder, 8, false);
    int field =
        org.apache.arrow.flatbuf.Field.createField(
            builder, name, true, (byte) 99, type, 0, children, 0);
    refuses(
        store(schemaMessage(builder, field, Endianness.Little, MetadataVersion.V5)),
        "has a column of Arrow type 99, which this kstrace cannot skip");
  }

  @Test
  void unfoldsNoSmallSchemaIntoMoreThanMemory() throws IOException {
    // Ten thousand entries that share one text of eight million bytes.
    FlatBufferBuilder builder = new FlatBufferBuilder();
    int shared = builder.createString("x".repeat(8_000_000));
    int[] entries = new int[10_000];
    for (int i = 0; i < entries.length; i++) {
      int key = builder.createString("k" + i);
      entries[i] = org.apache.arrow.flatbuf.KeyValue.createKeyValue(builder, key, shared);
    }
    int fields = org.apache.arrow.flatbuf.Schema.createFieldsVector(builder, new int[0]);
    int metadata = org.apache.arrow.flatbuf.Schema.createCustomMetadataVector(builder, entries);
    int schema =
        org.apache.arrow.flatbuf.Schema.createSchema(
            builder, Endianness.Little, fields, metadata, 0);
    refuses(
        store(framed(builder, schema, MetadataVersion.V5)),
        "has more than 16 MiB of metadata; expected a few entries");
  }

  @Test
  void readsNoNameLongerThanThoseOfTheFormat() throws IOException {
    // Nine thousand columns that share one name of eight million bytes.
    FlatBufferBuilder builder = new FlatBufferBuilder();
    int name = builder.createString("x".repeat(8_000_000));
    int[] entries = TraceSchema.keyValues(builder, TraceFiles.metadata().values());
    int[] columns = new int[9_000];
    for (int i = 0; i < columns.length; i++) {
      int children = org.apache.arrow.flatbuf.Field.createChildrenVector(builder, new int[0]);
      int type = org.apache.arrow.flatbuf.Int.createInt(builder, 8, false);
      columns[i] =
          org.apache.arrow.flatbuf.Field.createField(
              builder, name, true, org.apache.arrow.flatbuf.Type.Int, type, 0, children, 0);
    }
    int fields = org.apache.arrow.flatbuf.Schema.createFieldsVector(builder, columns);
    int metadata = org.apache.arrow.flatbuf.Schema.createCustomMetadataVector(builder, entries);
    int schema =
        org.apache.arrow.flatbuf.Schema.createSchema(
            builder, Endianness.Little, fields, metadata, 0);
    Path file = store(framed(builder, schema, MetadataVersion.V5));
    assertTimeoutPreemptively(
        Duration.ofSeconds(15), () -> refuses(file, "has no column seq" + REQUIRED));
  }

  private static byte[] schemaMessage(short endianness, short version) {
    return schemaMessage(new FlatBufferBuilder(), 0, endianness, version);
  }

  private static byte[] schemaMessage(
      FlatBufferBuilder builder, int field, short endianness, short version) {
    int[] entries = TraceSchema.keyValues(builder, TraceFiles.metadata().values());
    int[] all = field == 0 ? new int[0] : new int[] {field};
    int fields = org.apache.arrow.flatbuf.Schema.createFieldsVector(builder, all);
    int metadata = org.apache.arrow.flatbuf.Schema.createCustomMetadataVector(builder, entries);
    int schema =
        org.apache.arrow.flatbuf.Schema.createSchema(builder, endianness, fields, metadata, 0);
    return framed(builder, schema, version);
  }

  private static byte[] framed(FlatBufferBuilder builder, int schema, short version) {
    builder.finish(Message.createMessage(builder, version, MessageHeader.Schema, schema, 0, 0));
    byte[] table = builder.sizedByteArray();
    ByteBuffer message =
        ByteBuffer.allocate(8 + ((table.length + 7) & ~7)).order(ByteOrder.LITTLE_ENDIAN);
    message.putInt(-1).putInt(message.capacity() - 8).put(table);
    return fileOf(message.rewind());
  }

  /** A file without footer that holds one framed message. */
  private static byte[] fileOf(ByteBuffer message) {
    return ByteBuffer.allocate(8 + message.remaining())
        .put(TraceWriter.MAGIC)
        .position(8)
        .put(message)
        .array();
  }

  private Path store(byte[] bytes, int length) throws IOException {
    return store(java.util.Arrays.copyOf(bytes, length));
  }

  private Path store(byte[] bytes) throws IOException {
    return TraceFiles.store(folder.resolve("a.arrow"), bytes);
  }

  private void refuses(ArrowTrace trace, String reason) throws IOException {
    refuses(trace.write(folder.resolve("a.arrow"), List.of(), 1), reason);
  }

  private static void refuses(Path file, String reason) {
    assertThatThrownBy(() -> TraceReader.open(file))
        .isInstanceOf(MalformedTraceException.class)
        .hasMessage("%s", file + ": " + reason);
  }

  private static void refusesBatch(Path file, int index, String reason) throws IOException {
    long offset = TraceFiles.batches(Files.readAllBytes(file)).get(index).offset();
    refusesBatch(file, index, offset, reason);
  }

  private static void refusesBatch(Path file, int index, long offset, String reason)
      throws IOException {
    try (TraceReader reader = TraceReader.open(file)) {
      EventBatch batch = new EventBatch(100);
      for (int i = 0; i < index; i++) {
        assertThat(reader.read(batch)).isTrue();
      }
      assertThatThrownBy(() -> reader.read(batch))
          .isInstanceOf(MalformedTraceException.class)
          .hasMessage(
              "%s", file + ": is damaged in batch " + index + " at byte " + offset + ": " + reason);
    }
  }
}
