package dev.kstrace.capture.etl;

import dev.kstrace.capture.imports.Guid;
import dev.kstrace.capture.imports.InType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Decodes the payload of a self-describing event. A schema may promise more values than the payload
 * has bytes, by arrays of empty structs in arrays; their number is bounded by the payload.
 */
final class Payload {
  private static final int MAX_DEPTH = 32;
  private static final int OUT_BOOLEAN = 3;
  private static final int OUT_HEX = 4;
  private static final int OUT_UTF8 = 35;

  private final byte[] bytes;
  private final int end;
  private final List<EventSchema.Field> fields;
  private final FieldVisitor visitor;
  private int at;
  private int field;
  private int valuesLeft;

  private Payload(EtlRecord record, EventSchema schema, FieldVisitor visitor) {
    bytes = record.bytes;
    at = record.payload;
    end = at + record.payloadBytes;
    fields = schema.fields();
    this.visitor = visitor;
    valuesLeft = record.payloadBytes + fields.size() + 1024;
  }

  /**
   * Hands all fields of a record to a visitor, each begun struct and array also ended.
   *
   * @return whether the payload kept to the schema; fields up to the fault were handed out
   */
  static boolean visit(EtlRecord record, EventSchema schema, FieldVisitor visitor) {
    Payload payload = new Payload(record, schema, visitor);
    while (payload.field < schema.fields().size()) {
      if (!payload.field(0)) {
        return false;
      }
    }
    return true;
  }

  private boolean field(int depth) {
    if (field == fields.size() || depth > MAX_DEPTH) {
      return false;
    }
    EventSchema.Field it = fields.get(field);
    if (it.count() == EventSchema.CUSTOM) {
      return false;
    }
    if (it.count() == EventSchema.SCALAR) {
      return value(it, it.name(), depth);
    }
    int count = it.count();
    if (count == EventSchema.COUNTED) {
      if (end - at < 2) {
        return false;
      }
      count = LittleEndian.u16(bytes, at);
      at += 2;
    }
    visitor.begin(it.name(), true);
    int first = field;
    boolean good = true;
    for (int i = 0; i < count && good; i++) {
      field = first;
      good = value(it, "", depth);
    }
    if (count == 0) {
      field = first;
      good = skip(depth);
    }
    visitor.end(true);
    return good;
  }

  /** Passes over a field of which there are no values. */
  private boolean skip(int depth) {
    if (field == fields.size() || depth > MAX_DEPTH) {
      return false;
    }
    int members = fields.get(field++).members();
    for (int i = 0; i < members; i++) {
      if (!skip(depth + 1)) {
        return false;
      }
    }
    return true;
  }

  private boolean value(EventSchema.Field it, String name, int depth) {
    field++;
    if (--valuesLeft < 0) {
      return false;
    }
    if (it.type() == InType.STRUCT) {
      visitor.begin(name, false);
      boolean good = true;
      for (int i = 0; i < it.members() && good; i++) {
        good = field(depth + 1);
      }
      visitor.end(false);
      return good;
    }
    int size = it.type().bytes();
    if (size == 0) {
      size = variableBytes(it.type(), bytes, at, end);
    }
    if (size < 0 || size > end - at) {
      return false;
    }
    show(it, name, size);
    at += size;
    return true;
  }

  private void show(EventSchema.Field it, String name, int size) {
    switch (it.type()) {
      case INT8, UINT8, INT16, UINT16, INT32, UINT32 -> {
        long number = number(it.type(), bytes, at);
        if (it.outType() == OUT_HEX) {
          visitor.hex(name, number & (-1L >>> (64 - 8 * size)));
        } else if (it.outType() == OUT_BOOLEAN) {
          visitor.flag(name, number != 0);
        } else {
          visitor.number(name, number);
        }
      }
      case INT64, UINT64 -> {
        long number = LittleEndian.i64(bytes, at);
        if (it.outType() == OUT_HEX) {
          visitor.hex(name, number);
        } else {
          visitor.wide(name, number, it.type() == InType.UINT64);
        }
      }
      case HEX32, HEX64 -> visitor.hex(name, number(it.type(), bytes, at));
      case FLOAT -> visitor.real(name, Float.intBitsToFloat(LittleEndian.i32(bytes, at)));
      case DOUBLE -> visitor.real(name, Double.longBitsToDouble(LittleEndian.i64(bytes, at)));
      case BOOL32 -> visitor.flag(name, LittleEndian.i32(bytes, at) != 0);
      case GUID -> visitor.text(name, guid(bytes, at));
      case FILETIME -> visitor.text(name, Times.ofFileTime(LittleEndian.i64(bytes, at)));
      case SYSTEMTIME -> visitor.text(name, systemTime());
      case SID -> visitor.text(name, sid());
      case UTF16Z -> visitor.text(name, utf16(at, size - 2));
      case ANSIZ -> visitor.text(name, ansi(at, size - 1, it.outType()));
      case COUNTED_UTF16 -> visitor.text(name, utf16(at + 2, size - 2));
      case COUNTED_ANSI -> visitor.text(name, ansi(at + 2, size - 2, it.outType()));
      default -> visitor.bytes(name, Arrays.copyOfRange(bytes, at + 2, at + size));
    }
  }

  /** Bytes of a value whose size is inside; -1 where the payload ends before that is known. */
  static int variableBytes(InType type, byte[] bytes, int at, int end) {
    switch (type) {
      case UTF16Z -> {
        for (int i = at; i + 2 <= end; i += 2) {
          if (LittleEndian.u16(bytes, i) == 0) {
            return i + 2 - at;
          }
        }
        return -1;
      }
      case ANSIZ -> {
        for (int i = at; i < end; i++) {
          if (bytes[i] == 0) {
            return i + 1 - at;
          }
        }
        return -1;
      }
      case SID -> {
        return end - at < 8 ? -1 : 8 + 4 * LittleEndian.u8(bytes, at + 1);
      }
      default -> {
        return end - at < 2 ? -1 : 2 + LittleEndian.u16(bytes, at);
      }
    }
  }

  /** A number of 1 to 8 bytes; signed ones are sign-extended. */
  static long number(InType type, byte[] bytes, int at) {
    return switch (type) {
      case INT8 -> bytes[at];
      case UINT8 -> LittleEndian.u8(bytes, at);
      case INT16 -> (short) LittleEndian.u16(bytes, at);
      case UINT16 -> LittleEndian.u16(bytes, at);
      case INT32, BOOL32 -> LittleEndian.i32(bytes, at);
      case UINT32, HEX32, FLOAT -> LittleEndian.u32(bytes, at);
      default -> LittleEndian.i64(bytes, at);
    };
  }

  static String guid(byte[] bytes, int at) {
    return new Guid(LittleEndian.i64(bytes, at), LittleEndian.i64(bytes, at + 8)).toString();
  }

  private String utf16(int from, int length) {
    return new String(bytes, from, length, StandardCharsets.UTF_16LE);
  }

  /** Without a code page eight-bit characters stay what they are. */
  private String ansi(int from, int length, int outType) {
    return new String(
        bytes,
        from,
        length,
        outType == OUT_UTF8 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
  }

  private String systemTime() {
    int[] parts = new int[8];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = LittleEndian.u16(bytes, at + 2 * i);
    }
    return String.format(
        Locale.ROOT,
        "%04d-%02d-%02dT%02d:%02d:%02d.%03d",
        parts[0],
        parts[1],
        parts[3],
        parts[4],
        parts[5],
        parts[6],
        parts[7]);
  }

  private String sid() {
    long authority = 0;
    for (int i = 2; i < 8; i++) {
      authority = authority << 8 | LittleEndian.u8(bytes, at + i);
    }
    StringBuilder text = new StringBuilder("S-" + LittleEndian.u8(bytes, at) + "-" + authority);
    for (int i = 0; i < LittleEndian.u8(bytes, at + 1); i++) {
      text.append('-').append(LittleEndian.u32(bytes, at + 8 + 4 * i));
    }
    return text.toString();
  }
}
