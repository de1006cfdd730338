package dev.kstrace.traces;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flatbuf.Endianness;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.Int;
import org.apache.arrow.flatbuf.KeyValue;
import org.apache.arrow.flatbuf.Schema;
import org.apache.arrow.flatbuf.Type;
import org.apache.arrow.flatbuf.Union;
import org.apache.arrow.flatbuf.UnionMode;
import org.jspecify.annotations.Nullable;

/**
 * Checks an Arrow schema against the trace format and finds out where each column's buffers are.
 *
 * <p>Columns that the format does not know are walked over, whatever their type, because their
 * buffers lie between those that count.
 */
final class SchemaReader {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_FIELDS = 10_000;
  private static final int MAX_NAME_BYTES = 64;

  /** Entries may share their bytes, so that a small schema could unfold into more than memory. */
  private static final long MAX_METADATA_BYTES = 1 << 24;

  private final List<Slot> slots = new ArrayList<>();
  private final Map<Column, Boolean> large = new EnumMap<>(Column.class);
  private int fieldCount;

  /**
   * One field in depth-first order: what it takes of a batch's nodes and buffers.
   *
   * @param column the column whose top-level field this is, or null
   * @param member index in {@link TraceSchema#FRAMING_FIELDS}; -1 = none, -2 = the list's item
   * @param buffers buffers of this field alone, without variadic ones
   * @param variadic whether the batch says how many further buffers follow
   */
  record Slot(@Nullable Column column, int member, int buffers, boolean variadic) {}

  /**
   * What a reader needs to know of a schema.
   *
   * @param slots all fields in depth-first order
   * @param large for {@code framing} and {@code detail}: whether offsets have 64 bits
   */
  record Layout(TraceMetadata metadata, List<Slot> slots, Map<Column, Boolean> large) {
    boolean has(Column column) {
      return large.containsKey(column);
    }
  }

  /** A schema that is no trace's; the message names what is wrong and what was expected. */
  static final class SchemaException extends Exception {
    private static final long serialVersionUID = 1L;

    SchemaException(String message) {
      super(message);
    }
  }

  private SchemaReader() {}

  static Layout read(Schema schema) throws SchemaException {
    return new SchemaReader().readSchema(schema);
  }

  private Layout readSchema(Schema schema) throws SchemaException {
    TraceMetadata metadata = metadata(schema);
    requireVersion(metadata);
    if (schema.endianness() != Endianness.Little) {
      throw new SchemaException("is written big-endian; expected a little-endian Arrow file");
    }
    for (int i = 0; i < schema.fieldsLength(); i++) {
      topLevel(schema.fields(i));
    }
    for (Column column : Column.values()) {
      if (column.isRequired() && !large.containsKey(column)) {
        throw new SchemaException(
            "has no column "
                + column.columnName()
                + "; the trace format requires seq, op, layer, t_entry, context and frame");
      }
    }
    return new Layout(metadata, List.copyOf(slots), Map.copyOf(large));
  }

  private static TraceMetadata metadata(Schema schema) throws SchemaException {
    Map<String, String> values = new LinkedHashMap<>();
    int entries = schema.customMetadataLength();
    if (entries > MAX_FIELDS) {
      throw new SchemaException("has " + entries + " metadata entries; expected a few");
    }
    long bytes = 0;
    for (int i = 0; i < entries; i++) {
      KeyValue entry = schema.customMetadata(i);
      bytes += bytes(entry.keyAsByteBuffer()) + bytes(entry.valueAsByteBuffer());
      if (bytes > MAX_METADATA_BYTES) {
        throw new SchemaException("has more than 16 MiB of metadata; expected a few entries");
      }
      if (entry.key() != null && entry.value() != null) {
        values.put(entry.key(), entry.value());
      }
    }
    return TraceMetadata.asRead(values);
  }

  private static long bytes(@Nullable ByteBuffer text) {
    return text == null ? 0 : text.remaining();
  }

  /** Refuses metadata of a trace that this version cannot read. */
  static void requireVersion(TraceMetadata metadata) throws SchemaException {
    String version = metadata.get(TraceMetadata.VERSION);
    if (version == null) {
      throw new SchemaException(
          "is an Arrow file but no trace: its schema metadata have no kstrace.version; expected"
              + " kstrace.version=1.x");
    }
    if (!version.matches("[0-9]{1,9}\\.[0-9]{1,9}")) {
      throw new SchemaException(
          "has kstrace.version=" + Escapes.escape(version) + "; expected major.minor such as 1.0");
    }
    int major = Integer.parseInt(version.substring(0, version.indexOf('.')));
    if (major != TraceMetadata.CURRENT_MAJOR) {
      throw new SchemaException(
          "is written in trace format "
              + version
              + "; this kstrace reads version "
              + TraceMetadata.CURRENT_MAJOR
              + ".x. Use a kstrace of that version, or convert the trace");
    }
  }

  private void topLevel(Field field) throws SchemaException {
    Column column = columnNamed(name(field));
    if (column == null) {
      skip(field, 0);
      return;
    }
    if (large.containsKey(column)) {
      throw new SchemaException("has two columns named " + column.columnName());
    }
    if (field.dictionary() != null) {
      throw wrongType(column, "dictionary");
    }
    switch (column.kind) {
      case UTF8 -> {
        requireType(column, field, field.typeType() == Type.Utf8, Type.LargeUtf8);
        slots.add(new Slot(column, -1, 3, false));
      }
      case FRAMING_LIST -> framing(column, field);
      default -> {
        requireInt(column, field);
        slots.add(new Slot(column, -1, 2, false));
      }
    }
    large.put(column, field.typeType() == Type.LargeUtf8 || field.typeType() == Type.LargeList);
  }

  /** A field's name, or the empty one where it is longer than any name of the format. */
  private static String name(Field field) {
    long bytes = bytes(field.nameAsByteBuffer());
    return bytes == 0 || bytes > MAX_NAME_BYTES ? "" : String.valueOf(field.name());
  }

  private static @Nullable Column columnNamed(String name) {
    for (Column column : Column.values()) {
      if (column.columnName().equals(name)) {
        return column;
      }
    }
    return null;
  }

  private static void requireType(Column column, Field field, boolean small, byte largeType)
      throws SchemaException {
    if (!small && field.typeType() != largeType) {
      throw wrongType(column, typeName(field));
    }
  }

  private static void requireInt(Column column, Field field) throws SchemaException {
    if (!typeName(field).equals(column.kind.arrowName)) {
      throw wrongType(column, typeName(field));
    }
  }

  private void framing(Column column, Field field) throws SchemaException {
    requireType(column, field, field.typeType() == Type.List, Type.LargeList);
    if (field.childrenLength() != 1 || field.children(0).typeType() != Type.Struct_) {
      throw wrongType(column, "a list of something else");
    }
    slots.add(new Slot(column, -1, 2, false));
    slots.add(new Slot(column, -2, 1, false));
    Field struct = field.children(0);
    boolean[] seen = new boolean[TraceSchema.FRAMING_FIELDS.size()];
    for (int i = 0; i < struct.childrenLength(); i++) {
      Field child = struct.children(i);
      int member = TraceSchema.FRAMING_FIELDS.indexOf(name(child));
      if (member < 0) {
        skip(child, 2);
        continue;
      }
      if (seen[member]) {
        throw new SchemaException("has two members of framing named " + child.name());
      }
      if (!typeName(child).equals("uint32") || child.dictionary() != null) {
        throw new SchemaException(
            "has framing." + child.name() + " of type " + typeName(child) + "; expected uint32");
      }
      seen[member] = true;
      slots.add(new Slot(column, member, 2, false));
    }
    for (int member = 0; member < seen.length; member++) {
      if (!seen[member]) {
        throw new SchemaException(
            "has framing without " + TraceSchema.FRAMING_FIELDS.get(member) + "; expected uint32");
      }
    }
  }

  /** Accounts for the nodes and buffers of a field that the format does not know. */
  private void skip(Field field, int depth) throws SchemaException {
    if (depth > MAX_DEPTH || ++fieldCount > MAX_FIELDS) {
      throw new SchemaException("has a schema nested too deep or with too many fields");
    }
    boolean dictionary = field.dictionary() != null;
    byte type = dictionary ? Type.Int : field.typeType();
    if (type <= Type.NONE || type > Type.LargeListView) {
      throw new SchemaException(
          "has a column of Arrow type " + type + ", which this kstrace cannot skip");
    }
    int buffers =
        switch (type) {
          case Type.Null, Type.RunEndEncoded -> 0;
          case Type.Struct_, Type.FixedSizeList -> 1;
          case Type.Utf8, Type.Binary, Type.LargeUtf8, Type.LargeBinary -> 3;
          case Type.ListView, Type.LargeListView -> 3;
          case Type.Union -> unionBuffers(field);
          default -> 2;
        };
    slots.add(new Slot(null, -1, buffers, type == Type.Utf8View || type == Type.BinaryView));
    if (!dictionary) {
      for (int i = 0; i < field.childrenLength(); i++) {
        skip(field.children(i), depth + 1);
      }
    }
  }

  private static int unionBuffers(Field field) {
    Union union = (Union) field.type(new Union());
    return union != null && union.mode() == UnionMode.Dense ? 2 : 1;
  }

  private static SchemaException wrongType(Column column, String found) {
    return new SchemaException(
        "has column "
            + column.columnName()
            + " of type "
            + found
            + "; expected "
            + column.kind.arrowName);
  }

  private static String typeName(Field field) {
    byte type = field.typeType();
    if (type == Type.Int) {
      Int integer = (Int) field.type(new Int());
      return (integer.isSigned() ? "int" : "uint") + integer.bitWidth();
    }
    return type > 0 && type < Type.names.length
        ? Type.name(type).toLowerCase(java.util.Locale.ROOT)
        : "type " + type;
  }
}
