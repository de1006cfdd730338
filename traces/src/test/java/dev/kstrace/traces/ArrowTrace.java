package dev.kstrace.traces;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.apache.arrow.vector.compression.NoCompressionCodec;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Traces as another program would write them: with the official Arrow classes, in any variant. */
final class ArrowTrace {
  static final ArrowType UINT8 = new ArrowType.Int(8, false);
  static final ArrowType INT32 = new ArrowType.Int(32, true);
  static final ArrowType UINT32 = new ArrowType.Int(32, false);
  static final ArrowType INT64 = new ArrowType.Int(64, true);
  static final ArrowType UINT64 = new ArrowType.Int(64, false);

  /** Fills what is no column of the format. */
  interface Filler {
    void fill(FieldVector vector, int rows);
  }

  final Map<String, String> metadata = new HashMap<>(Map.of("kstrace.version", "1.0"));
  List<Field> fields = standard();
  DictionaryProvider dictionaries = new DictionaryProvider.MapDictionaryProvider();
  CodecType codec = CodecType.NO_COMPRESSION;

  /** Leaves bytes under nulls of framing and detail, as the Arrow format allows. */
  boolean garbageUnderNulls;

  Filler filler = (vector, rows) -> {};
  Filler afterwards = (vector, rows) -> {};

  /** The schema of the format, as this tool writes it. */
  static List<Field> standard() {
    return new ArrayList<>(
        List.of(
            column("seq", UINT64, false),
            column("op", UINT8, false),
            column("layer", UINT8, false),
            column("t_entry", INT64, false),
            column("t_exit", INT64, true),
            column("thread", UINT32, true),
            column("irql_entry", UINT8, true),
            column("irql_exit", UINT8, true),
            column("pin", UINT64, true),
            column("context", UINT64, true),
            column("frame", UINT64, true),
            column("size", UINT64, true),
            column("status", INT32, true),
            framing(new ArrowType.List(), "item", members()),
            column("detail", new ArrowType.Utf8(), true)));
  }

  static List<Field> members() {
    List<Field> members = new ArrayList<>();
    for (String name : TraceSchema.FRAMING_FIELDS) {
      members.add(column(name, UINT32, false));
    }
    return members;
  }

  static Field framing(ArrowType list, String item, List<Field> members) {
    Field struct = new Field(item, FieldType.notNullable(new ArrowType.Struct()), members);
    return new Field("framing", FieldType.nullable(list), List.of(struct));
  }

  static Field column(String name, ArrowType type, boolean nullable) {
    return new Field(name, new FieldType(nullable, type, null), null);
  }

  /** Puts a field in the place of the one with its name. */
  ArrowTrace with(Field field) {
    fields.replaceAll(old -> old.getName().equals(field.getName()) ? field : old);
    return this;
  }

  ArrowTrace without(String name) {
    fields.removeIf(field -> field.getName().equals(name));
    return this;
  }

  Path write(Path file, List<TraceEvent> events, int rowsPerBatch) throws IOException {
    Schema schema = new Schema(fields, metadata);
    try (BufferAllocator allocator = new RootAllocator();
        VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
        FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        ArrowFileWriter writer =
            new ArrowFileWriter(
                root,
                dictionaries,
                channel,
                Map.of(),
                IpcOption.DEFAULT,
                codec == CodecType.NO_COMPRESSION
                    ? NoCompressionCodec.Factory.INSTANCE
                    : CommonsCompressionFactory.INSTANCE,
                codec)) {
      writer.start();
      for (int from = 0; from < events.size(); from += rowsPerBatch) {
        List<TraceEvent> part = events.subList(from, Math.min(from + rowsPerBatch, events.size()));
        root.clear();
        for (FieldVector vector : root.getFieldVectors()) {
          vector.allocateNew();
          column(vector, part);
          vector.setValueCount(part.size());
          afterwards.fill(vector, part.size());
        }
        root.setRowCount(part.size());
        writer.writeBatch();
      }
      writer.end();
    }
    return file;
  }

  private void column(FieldVector vector, List<TraceEvent> events) {
    for (int row = 0; row < events.size(); row++) {
      TraceEvent event = events.get(row);
      switch (vector.getName()) {
        case "seq" -> number(vector, row, event.seq());
        case "op" -> number(vector, row, (long) event.op());
        case "layer" -> number(vector, row, (long) event.layer());
        case "t_entry" -> number(vector, row, event.tEntry());
        case "t_exit" -> number(vector, row, event.tExit());
        case "thread" -> number(vector, row, widen(event.thread()));
        case "irql_entry" -> number(vector, row, widen(event.irqlEntry()));
        case "irql_exit" -> number(vector, row, widen(event.irqlExit()));
        case "pin" -> number(vector, row, event.pin());
        case "context" -> number(vector, row, event.context());
        case "frame" -> number(vector, row, event.frame());
        case "size" -> number(vector, row, event.size());
        case "status" -> number(vector, row, widen(event.status()));
        case "framing" -> list(vector, row, event.framing());
        case "detail" -> text(vector, row, event.detail());
        default -> {
          filler.fill(vector, events.size());
          return;
        }
      }
    }
  }

  private static @Nullable Long widen(@Nullable Integer value) {
    return value == null ? null : (long) value;
  }

  private static void number(FieldVector vector, int row, @Nullable Long value) {
    if (value == null) {
      return;
    }
    if (vector instanceof UInt8Vector longs) {
      longs.setSafe(row, value);
    } else if (vector instanceof BigIntVector longs) {
      longs.setSafe(row, value);
    } else if (vector instanceof UInt4Vector ints) {
      ints.setSafe(row, value.intValue());
    } else if (vector instanceof IntVector ints) {
      ints.setSafe(row, value.intValue());
    } else if (vector instanceof UInt1Vector bytes) {
      bytes.setSafe(row, value.intValue());
    } else if (vector instanceof BaseFixedWidthVector other) {
      other.setNull(row);
    }
  }

  private void text(FieldVector vector, int row, @Nullable String value) {
    if (value == null && !garbageUnderNulls) {
      return;
    }
    String stored = value == null ? "under a null" : value;
    byte[] utf8 = stored.getBytes(StandardCharsets.UTF_8);
    if (vector instanceof VarCharVector small) {
      small.setSafe(row, utf8);
    } else if (vector instanceof LargeVarCharVector large) {
      large.setSafe(row, utf8);
    }
    if (value == null) {
      BitVectorHelper.unsetBit(vector.getValidityBuffer(), row);
    }
  }

  private void list(FieldVector vector, int row, @Nullable Framing value) {
    if (value == null && !garbageUnderNulls) {
      return;
    }
    Framing stored = value == null ? new Framing(-1, -2, -3, -4, -5, -6) : value;
    if (vector instanceof ListVector small) {
      element(small.getDataVector(), small.startNewValue(row), stored);
      small.endValue(row, 1);
    } else if (vector instanceof LargeListVector large) {
      element(large.getDataVector(), (int) large.startNewValue(row), stored);
      large.endValue(row, 1);
    }
    if (value == null) {
      BitVectorHelper.unsetBit(vector.getValidityBuffer(), row);
    }
  }

  /** Stores one element of a list of framings. */
  static void element(FieldVector items, int index, Framing value) {
    if (!(items instanceof StructVector struct)) {
      return;
    }
    while (struct.getValueCapacity() <= index) {
      struct.reAlloc();
    }
    struct.setIndexDefined(index);
    int[] members = {
      value.optionsFlags(),
      value.poolType(),
      value.frames(),
      value.frameSize(),
      value.fileAlignment(),
      value.reserved()
    };
    for (int i = 0; i < members.length; i++) {
      if (struct.getChild(TraceSchema.FRAMING_FIELDS.get(i)) instanceof UInt4Vector ints) {
        ints.setSafe(index, members[i]);
      }
    }
  }
}
