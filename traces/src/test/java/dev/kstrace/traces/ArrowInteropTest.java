package dev.kstrace.traces;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.zip.CRC32C;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ViewVarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.compression.CompressionCodec;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.UnionMode;
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

/** The official Arrow classes as an oracle, both ways. */
class ArrowInteropTest {
  @TempDir Path folder;

  @Test
  void writesTheSchemaOfTheFormat() throws IOException {
    Path file = TraceFiles.write(folder.resolve("a.arrow"), RandomEvents.mixed(1, 9), 4);
    Schema expected = new Schema(ArrowTrace.standard(), TraceFiles.metadata().values());
    try (BufferAllocator allocator = new RootAllocator();
        FileChannel channel = FileChannel.open(file);
        ArrowFileReader reader = new ArrowFileReader(channel, allocator)) {
      Schema found = reader.getVectorSchemaRoot().getSchema();
      assertThat(found.toJson()).isEqualTo(expected.toJson());
      assertThat(reader.getRecordBlocks()).hasSize(3);
    }
    try (BufferAllocator allocator = new RootAllocator();
        FileChannel channel = FileChannel.open(file).position(8);
        ArrowStreamReader reader = new ArrowStreamReader(channel, allocator)) {
      assertThat(reader.getVectorSchemaRoot().getSchema().toJson()).isEqualTo(expected.toJson());
    }
  }

  @ParameterizedTest(name = "seed {0}, {1}")
  @CsvSource({"1, NONE", "2, NONE", "3, NONE", "4, NONE", "5, ZSTD", "6, ZSTD", "7, ZSTD"})
  void writesWhatArrowReads(long seed, Compression compression) throws IOException {
    List<TraceEvent> events = RandomEvents.of(seed, 300);
    Path file = TraceFiles.write(folder.resolve("a.arrow"), events, 128, compression);
    assertThat(TraceFiles.read(file)).isEqualTo(events);
    CompressionCodec.Factory codecs = CommonsCompressionFactory.INSTANCE;
    try (BufferAllocator allocator = new RootAllocator();
        FileChannel channel = FileChannel.open(file);
        ArrowFileReader reader = new ArrowFileReader(channel, allocator, codecs)) {
      assertThat(rest(reader)).isEqualTo(events);
    }
    try (BufferAllocator allocator = new RootAllocator();
        FileChannel channel = FileChannel.open(file).position(8);
        ArrowStreamReader reader = new ArrowStreamReader(channel, allocator, codecs)) {
      assertThat(rest(reader)).isEqualTo(events);
    }
  }

  private static List<TraceEvent> rest(ArrowReader reader) throws IOException {
    List<TraceEvent> found = new ArrayList<>();
    while (reader.loadNextBatch()) {
      found.addAll(events(reader.getVectorSchemaRoot()));
    }
    return found;
  }

  @Test
  void countsNullsInTheHeader() throws IOException {
    List<TraceEvent> events = RandomEvents.mixed(1, 90);
    Path file = TraceFiles.write(folder.resolve("a.arrow"), events, 90);
    TraceFiles.Batch batch = TraceFiles.batches(Files.readAllBytes(file)).get(0);
    RecordBatch header = (RecordBatch) batch.message().header(new RecordBatch());
    assertThat(header.nodesLength()).isEqualTo(22);
    assertThat(header.nodes(0).nullCount()).isZero();
    assertThat(header.nodes(4).nullCount()).isEqualTo(nulls(events, TraceEvent::tExit));
    assertThat(header.nodes(12).nullCount()).isEqualTo(nulls(events, TraceEvent::status));
    assertThat(header.nodes(13).nullCount()).isEqualTo(nulls(events, TraceEvent::framing));
    assertThat(header.nodes(21).nullCount()).isEqualTo(nulls(events, TraceEvent::detail));
  }

  private static long nulls(List<TraceEvent> events, Function<TraceEvent, Object> column) {
    return events.stream().filter(event -> column.apply(event) == null).count();
  }

  @Test
  void declaresNoNullsWhereThereAreNone() throws IOException {
    List<TraceEvent> events =
        List.of(TraceEvent.of(1, Op.FREE, Layer.CALLBACK, 5).context(7).frame(9).build());
    Path file = TraceFiles.write(folder.resolve("a.arrow"), events, 1);
    try (BufferAllocator allocator = new RootAllocator();
        FileChannel channel = FileChannel.open(file);
        ArrowFileReader reader = new ArrowFileReader(channel, allocator)) {
      reader.loadNextBatch();
      Map<String, Integer> nulls = new LinkedHashMap<>();
      for (FieldVector vector : reader.getVectorSchemaRoot().getFieldVectors()) {
        nulls.put(vector.getName(), vector.getNullCount());
      }
      assertThat(nulls)
          .hasToString(
              "{seq=0, op=0, layer=0, t_entry=0, t_exit=1, thread=1, irql_entry=1, irql_exit=1,"
                  + " pin=1, context=0, frame=0, size=1, status=1, framing=1, detail=1}");
    }
  }

  @Test
  void givesEveryBatchTheChecksumOfItsBody() throws IOException {
    Path file = TraceFiles.write(folder.resolve("a.arrow"), RandomEvents.mixed(1, 500), 200);
    byte[] bytes = Files.readAllBytes(file);
    List<TraceFiles.Batch> batches = TraceFiles.batches(bytes);
    assertThat(batches).hasSize(3);
    for (TraceFiles.Batch batch : batches) {
      CRC32C crc = new CRC32C();
      crc.update(bytes, (int) batch.bodyAt(), batch.bodyBytes());
      assertThat(batch.custom("kstrace.crc32c"))
          .isEqualTo(String.format("%08x", crc.getValue()))
          .hasSize(8);
      assertThat(batch.bodyAt() % 64).isZero();
      assertThat(batch.offset() % 8).isZero();
    }
  }

  private static List<TraceEvent> events(VectorSchemaRoot root) {
    List<TraceEvent> events = new ArrayList<>();
    for (int row = 0; row < root.getRowCount(); row++) {
      Object[] values = new Object[root.getFieldVectors().size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = value(root.getVector(i), row);
      }
      events.add(
          new TraceEvent(
              (Long) values[0],
              (Integer) values[1],
              (Integer) values[2],
              (Long) values[3],
              (Long) values[4],
              (Integer) values[5],
              (Integer) values[6],
              (Integer) values[7],
              (Long) values[8],
              (Long) values[9],
              (Long) values[10],
              (Long) values[11],
              (Integer) values[12],
              (Framing) values[13],
              (String) values[14]));
    }
    return events;
  }

  private static Object value(FieldVector vector, int row) {
    Object value = vector.getObject(row);
    if (value == null) {
      return null;
    }
    if (value instanceof Byte small) {
      return small & 0xFF;
    }
    if (vector instanceof VarCharVector) {
      return value.toString();
    }
    if (vector instanceof ListVector list) {
      StructVector struct = (StructVector) list.getDataVector();
      int index = list.getElementStartIndex(row);
      assertThat(list.getElementEndIndex(row)).isEqualTo(index + 1);
      int[] members = new int[6];
      for (int i = 0; i < members.length; i++) {
        members[i] = ((UInt4Vector) struct.getChild(TraceSchema.FRAMING_FIELDS.get(i))).get(index);
      }
      return new Framing(members[0], members[1], members[2], members[3], members[4], members[5]);
    }
    return value;
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void readsWhatArrowWrites(long seed) throws IOException {
    List<TraceEvent> events = RandomEvents.of(seed, 300);
    Path file = new ArrowTrace().write(folder.resolve("a.arrow"), events, 128);
    assertThat(TraceFiles.read(file, 100)).isEqualTo(events);
    try (TraceReader reader = TraceReader.open(file)) {
      TraceFiles.rest(reader, new EventBatch(1000));
      assertThat(reader.checkedBatches()).as("unchecked").isZero();
      assertThat(reader.hasFooter()).isTrue();
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2})
  void readsZstd(long seed) throws IOException {
    List<TraceEvent> events = RandomEvents.of(seed, 3000);
    ArrowTrace trace = new ArrowTrace();
    trace.codec = CodecType.ZSTD;
    Path file = trace.write(folder.resolve("a.arrow"), events, 1200);
    assertThat(TraceFiles.read(file, 700)).isEqualTo(events);
  }

  @Test
  void readsLargeOffsetsNullableColumnsForeignNamesAndAnyOrder() throws IOException {
    List<TraceEvent> events = RandomEvents.mixed(9, 300);
    for (long seed = 0; seed < 6; seed++) {
      ArrowTrace trace = new ArrowTrace();
      List<Field> members = ArrowTrace.members();
      members.replaceAll(field -> ArrowTrace.column(field.getName(), field.getType(), true));
      members.add(ArrowTrace.column("extra", new ArrowType.Utf8(), true));
      Collections.shuffle(members, new Random(seed));
      trace.with(ArrowTrace.framing(new ArrowType.LargeList(), "element", members));
      trace.with(ArrowTrace.column("detail", new ArrowType.LargeUtf8(), true));
      for (String required : List.of("seq", "op", "layer", "t_entry")) {
        trace.fields.replaceAll(
            field ->
                field.getName().equals(required)
                    ? ArrowTrace.column(required, field.getType(), true)
                    : field);
      }
      Collections.shuffle(trace.fields, new Random(seed));
      trace.codec = seed % 2 == 0 ? CodecType.NO_COMPRESSION : CodecType.ZSTD;
      Path file = trace.write(folder.resolve("a.arrow"), events, 111);
      assertThat(TraceFiles.read(file, 64)).as("seed %s", seed).isEqualTo(events);
    }
  }

  @Test
  void ignoresBytesThatLieUnderNulls() throws IOException {
    List<TraceEvent> events = RandomEvents.mixed(10, 300);
    ArrowTrace trace = new ArrowTrace();
    trace.garbageUnderNulls = true;
    assertThat(TraceFiles.read(trace.write(folder.resolve("a.arrow"), events, 100), 33))
        .isEqualTo(events);
    List<Field> members = ArrowTrace.members();
    members.replaceAll(field -> ArrowTrace.column(field.getName(), field.getType(), true));
    trace.with(ArrowTrace.framing(new ArrowType.List(), "x", members));
    trace.codec = CodecType.ZSTD;
    assertThat(TraceFiles.read(trace.write(folder.resolve("a.arrow"), events, 100), 33))
        .isEqualTo(events);
  }

  @Test
  void keepsOutOfTheWayOfColumnsItDoesNotKnow() throws IOException {
    List<TraceEvent> events = RandomEvents.mixed(11, 200);
    List<Field> unknown = new ArrayList<>();
    DictionaryProvider.MapDictionaryProvider dictionaries =
        new DictionaryProvider.MapDictionaryProvider();
    try (BufferAllocator allocator = new RootAllocator();
        VarCharVector words = new VarCharVector("words", allocator);
        StructVector structs = StructVector.empty("structs", allocator)) {
      words.setSafe(0, new byte[] {'a'});
      words.setSafe(1, new byte[] {'b'});
      words.setValueCount(2);
      DictionaryEncoding encoding = new DictionaryEncoding(7L, false, null);
      dictionaries.put(new Dictionary(words, encoding));
      unknown.add(
          new Field("dictionary", new FieldType(true, ArrowTrace.INT32, encoding), List.of()));
      IntVector child =
          structs.addOrGet("n", FieldType.nullable(ArrowTrace.INT32), IntVector.class);
      child.setSafe(1, 5);
      structs.setIndexDefined(0);
      structs.setIndexDefined(1);
      structs.setValueCount(2);
      DictionaryEncoding ofStructs = new DictionaryEncoding(8L, false, null);
      dictionaries.put(new Dictionary(structs, ofStructs));
      unknown.add(
          new Field("structs", new FieldType(true, ArrowTrace.INT32, ofStructs), List.of()));
      unknown.addAll(unknownColumns());
      for (CodecType codec : List.of(CodecType.NO_COMPRESSION, CodecType.ZSTD)) {
        for (long seed = 0; seed < 4; seed++) {
          ArrowTrace trace = new ArrowTrace();
          trace.dictionaries = dictionaries;
          trace.codec = codec;
          trace.fields.addAll(unknown);
          Collections.shuffle(trace.fields, new Random(seed));
          trace.filler = ArrowInteropTest::fill;
          Path file = trace.write(folder.resolve("a.arrow"), events, 70);
          assertThat(TraceFiles.read(file, 64)).as("%s, seed %s", codec, seed).isEqualTo(events);
        }
      }
    }
  }

  private static List<Field> unknownColumns() {
    Field number = ArrowTrace.column("n", ArrowTrace.INT32, true);
    Field text = ArrowTrace.column("s", new ArrowType.Utf8(), true);
    Field key = ArrowTrace.column("key", ArrowTrace.INT32, false);
    Field entries =
        new Field("entries", FieldType.notNullable(new ArrowType.Struct()), List.of(key, text));
    return List.of(
        ArrowTrace.column("bool", new ArrowType.Bool(), true),
        ArrowTrace.column("decimal", new ArrowType.Decimal(30, 2, 128), true),
        ArrowTrace.column("binary", new ArrowType.Binary(), true),
        ArrowTrace.column("fixed_binary", new ArrowType.FixedSizeBinary(3), true),
        ArrowTrace.column("null", new ArrowType.Null(), true),
        ArrowTrace.column(
            "double", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE), true),
        ArrowTrace.column("view", new ArrowType.Utf8View(), true),
        new Field("pair", FieldType.nullable(new ArrowType.FixedSizeList(2)), List.of(number)),
        new Field("struct", FieldType.nullable(new ArrowType.Struct()), List.of(number, text)),
        new Field("list", FieldType.nullable(new ArrowType.List()), List.of(text)),
        new Field("map", FieldType.nullable(new ArrowType.Map(false)), List.of(entries)),
        union("sparse", UnionMode.Sparse, number, text),
        union("dense", UnionMode.Dense, number, text));
  }

  private static Field union(String name, UnionMode mode, Field... children) {
    ArrowType type = new ArrowType.Union(mode, new int[] {0, 1});
    return new Field(name, FieldType.nullable(type), List.of(children));
  }

  /** Values where they are easily put, so that buffers have a length; nulls elsewhere. */
  private static void fill(FieldVector vector, int rows) {
    for (int row = 0; row < rows; row += 3) {
      if (vector instanceof BitVector bits) {
        bits.setSafe(row, 1);
      } else if (vector instanceof DecimalVector decimals) {
        decimals.setSafe(row, row);
      } else if (vector instanceof VarBinaryVector binary) {
        binary.setSafe(row, new byte[] {1, 2, 3});
      } else if (vector instanceof ViewVarCharVector views) {
        views.setSafe(
            row, "longer than the twelve bytes of an inline view".getBytes(StandardCharsets.UTF_8));
      } else if (vector instanceof IntVector ints) {
        ints.setSafe(row, row % 2);
      } else if (vector instanceof FixedSizeListVector pairs) {
        pairs.setNotNull(row);
      }
    }
  }

  @Test
  void readsMissingOptionalColumnsAsNull() throws IOException {
    List<TraceEvent> events = RandomEvents.mixed(12, 50);
    ArrowTrace trace = new ArrowTrace();
    List<TraceEvent> expected = new ArrayList<>();
    for (Column column : Column.values()) {
      if (!column.isRequired()) {
        trace.without(column.columnName());
      }
    }
    for (TraceEvent event : events) {
      TraceEvent.Builder bare =
          TraceEvent.ofCodes(event.seq(), event.op(), event.layer(), event.tEntry());
      if (event.context() != null) {
        bare.context(event.context());
      }
      if (event.frame() != null) {
        bare.frame(event.frame());
      }
      expected.add(bare.build());
    }
    Path file = trace.write(folder.resolve("a.arrow"), events, 20);
    assertThat(TraceFiles.read(file)).isEqualTo(expected);
    try (TraceReader reader = TraceReader.open(file)) {
      for (Column column : Column.values()) {
        assertThat(reader.hasColumn(column)).isEqualTo(column.isRequired());
      }
    }
  }

  @Test
  void acceptsANewerMinorVersion() throws IOException {
    List<TraceEvent> events = RandomEvents.mixed(13, 10);
    ArrowTrace trace = new ArrowTrace();
    trace.metadata.put("kstrace.version", "1.7");
    trace.metadata.put("kstrace.new", "x");
    Path file = trace.write(folder.resolve("a.arrow"), events, 20);
    assertThat(TraceFiles.read(file)).isEqualTo(events);
    try (TraceReader reader = TraceReader.open(file)) {
      assertThat(reader.metadata().values())
          .isEqualTo(Map.of("kstrace.version", "1.7", "kstrace.new", "x"));
    }
  }

  @Test
  void readsAnEmptyListAsNoFraming() throws IOException {
    List<TraceEvent> events = RandomEvents.mixed(14, 1);
    ArrowTrace trace = new ArrowTrace();
    trace.afterwards =
        (vector, rows) -> {
          if (vector instanceof ListVector list) {
            list.startNewValue(0);
            list.endValue(0, 0);
          }
        };
    Path file = trace.write(folder.resolve("a.arrow"), events, 1);
    TraceEvent found = TraceFiles.read(file).get(0);
    assertThat(found.framing()).isNull();
    assertThat(found.seq()).isEqualTo(events.get(0).seq());
  }
}
