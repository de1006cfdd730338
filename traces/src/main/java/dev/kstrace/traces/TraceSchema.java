package dev.kstrace.traces;

import com.google.flatbuffers.FlatBufferBuilder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.arrow.flatbuf.Endianness;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.Int;
import org.apache.arrow.flatbuf.KeyValue;
import org.apache.arrow.flatbuf.List;
import org.apache.arrow.flatbuf.Schema;
import org.apache.arrow.flatbuf.Struct_;
import org.apache.arrow.flatbuf.Type;
import org.apache.arrow.flatbuf.Utf8;

/** The Arrow schema that this writer writes, and the names inside {@code framing}. */
final class TraceSchema {
  /** Children of the framing structure, in the order of KSALLOCATOR_FRAMING. */
  static final java.util.List<String> FRAMING_FIELDS =
      java.util.List.of(
          "options_flags", "pool_type", "frames", "frame_size", "file_alignment", "reserved");

  private static final int[] NONE = {};

  private TraceSchema() {}

  /** Writes the schema table into a builder and returns its offset. */
  static int build(FlatBufferBuilder builder, TraceMetadata metadata) {
    Column[] columns = Column.values();
    int[] fields = new int[columns.length];
    for (int i = 0; i < columns.length; i++) {
      fields[i] = column(builder, columns[i]);
    }
    int[] entries = keyValues(builder, metadata.values());
    int fieldsAt = Schema.createFieldsVector(builder, fields);
    int entriesAt = Schema.createCustomMetadataVector(builder, entries);
    return Schema.createSchema(builder, Endianness.Little, fieldsAt, entriesAt, 0);
  }

  /** Writes key-value tables in the map's order and returns their offsets. */
  static int[] keyValues(FlatBufferBuilder builder, Map<String, String> values) {
    int[] entries = new int[values.size()];
    int i = 0;
    for (Map.Entry<String, String> entry : values.entrySet()) {
      int key = string(builder, entry.getKey());
      int value = string(builder, entry.getValue());
      entries[i++] = KeyValue.createKeyValue(builder, key, value);
    }
    return entries;
  }

  /** Any text: the builder's own encoder refuses half of a surrogate pair. */
  private static int string(FlatBufferBuilder builder, String text) {
    return builder.createString(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static int column(FlatBufferBuilder builder, Column column) {
    String name = column.columnName();
    boolean nullable = column.isNullable();
    return switch (column.kind) {
      case UINT8 -> integer(builder, name, nullable, 8, false);
      case INT32 -> integer(builder, name, nullable, 32, true);
      case UINT32 -> integer(builder, name, nullable, 32, false);
      case INT64 -> integer(builder, name, nullable, 64, true);
      case UINT64 -> integer(builder, name, nullable, 64, false);
      case UTF8 -> {
        Utf8.startUtf8(builder);
        yield field(builder, name, nullable, Type.Utf8, Utf8.endUtf8(builder), NONE);
      }
      case FRAMING_LIST -> framing(builder, name);
    };
  }

  private static int framing(FlatBufferBuilder builder, String name) {
    int[] members = new int[FRAMING_FIELDS.size()];
    for (int i = 0; i < members.length; i++) {
      members[i] = integer(builder, FRAMING_FIELDS.get(i), false, 32, false);
    }
    Struct_.startStruct_(builder);
    int struct = Struct_.endStruct_(builder);
    int item = field(builder, "item", false, Type.Struct_, struct, members);
    List.startList(builder);
    int list = List.endList(builder);
    return field(builder, name, true, Type.List, list, new int[] {item});
  }

  private static int integer(
      FlatBufferBuilder builder, String name, boolean nullable, int bits, boolean signed) {
    return field(builder, name, nullable, Type.Int, Int.createInt(builder, bits, signed), NONE);
  }

  private static int field(
      FlatBufferBuilder builder,
      String name,
      boolean nullable,
      byte typeType,
      int type,
      int[] children) {
    int nameAt = builder.createString(name);
    int childrenAt = Field.createChildrenVector(builder, children);
    return Field.createField(builder, nameAt, nullable, typeType, type, 0, childrenAt, 0);
  }
}
