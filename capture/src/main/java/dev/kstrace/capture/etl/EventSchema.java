package dev.kstrace.capture.etl;

import dev.kstrace.capture.imports.InType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The schema that a self-describing event carries (TraceLogging). Immutable.
 *
 * <pre>
 *   u16 size, tag bytes (bit 7 = another follows), name UTF-8 Z, fields:
 *     name UTF-8 Z
 *     u8 inType                   bits 0-4 type, 0x20 constant count, 0x40 count in the payload,
 *                                 0x60 custom, 0x80 outType follows
 *     [u8 outType]                of a struct: how many of the next fields are its members
 *     [tag bytes]                 if outType has bit 7
 *     [u16 count]                 for a constant count
 *     [u16 length, bytes]         for a custom encoding
 * </pre>
 *
 * Source: microsoft/tracelogging, etw/cpp/traceloggingdynamic.
 */
public final class EventSchema {
  /** {@link Field#count}: one value. */
  public static final int SCALAR = -1;

  /** {@link Field#count}: as many values as a u16 in the payload says. */
  public static final int COUNTED = -2;

  /** {@link Field#count}: an encoding that only its writer knows. */
  public static final int CUSTOM = -3;

  private static final int MAX_FIELDS = 4096;
  private static final int CHAIN = 0x80;

  /**
   * One field; members of a struct follow it.
   *
   * @param name its name
   * @param type how it lies in the payload
   * @param outType how its writer wants it shown; 0 = not said
   * @param count number of values of a constant array, or {@link #SCALAR}, {@link #COUNTED}, {@link
   *     #CUSTOM}
   * @param members of a struct: how many of the next fields belong to it, nested structs as one
   */
  public record Field(String name, InType type, int outType, int count, int members) {}

  private final String name;
  private final List<Field> fields;
  private final ProbePlan plan;

  private EventSchema(String name, List<Field> fields) {
    this.name = name;
    this.fields = fields;
    this.plan = new ProbePlan(name, fields);
  }

  /** Name of the event. */
  public String name() {
    return name;
  }

  /** The fields, members of structs behind them; unmodifiable. */
  public List<Field> fields() {
    return fields;
  }

  /** How to read it as an event of the probe. */
  ProbePlan plan() {
    return plan;
  }

  /** Reads a schema; null where the bytes are none. */
  static @Nullable EventSchema parse(byte[] bytes, int at, int length) {
    if (length < 2) {
      return null;
    }
    int size = LittleEndian.u16(bytes, at);
    return size > length ? null : new Parser(bytes, at + 2, at + size).parse();
  }

  /** Reads front to back; every step answers false where the bytes end early. */
  private static final class Parser {
    private final byte[] bytes;
    private final int end;
    private int at;
    private String text = "";

    Parser(byte[] bytes, int at, int end) {
      this.bytes = bytes;
      this.at = at;
      this.end = end;
    }

    @Nullable EventSchema parse() {
      if (!skipChain() || !readText()) {
        return null;
      }
      String name = text;
      List<Field> fields = new ArrayList<>();
      while (at < end) {
        Field field = field();
        if (field == null || fields.size() == MAX_FIELDS) {
          return null;
        }
        fields.add(field);
      }
      return new EventSchema(name, List.copyOf(fields));
    }

    private @Nullable Field field() {
      if (!readText() || at >= end) {
        return null;
      }
      String name = text;
      int in = LittleEndian.u8(bytes, at++);
      InType type = InType.of(in);
      int out = 0;
      if ((in & CHAIN) != 0) {
        if (at >= end) {
          return null;
        }
        out = LittleEndian.u8(bytes, at++);
        if ((out & CHAIN) != 0 && !skipChain()) {
          return null;
        }
        out &= ~CHAIN;
      }
      int count = SCALAR;
      int form = in & 0x60;
      if (form == 0x40) {
        count = COUNTED;
      } else if (form != 0) {
        if (end - at < 2) {
          return null;
        }
        int number = LittleEndian.u16(bytes, at);
        at += 2;
        count = form == 0x20 ? number : CUSTOM;
        at += form == 0x60 ? number : 0;
      }
      if (type == null || at > end) {
        return null;
      }
      return new Field(name, type, out, count, type == InType.STRUCT ? out : 0);
    }

    private boolean skipChain() {
      while (at < end) {
        if ((bytes[at++] & CHAIN) == 0) {
          return true;
        }
      }
      return false;
    }

    private boolean readText() {
      int from = at;
      while (at < end && bytes[at] != 0) {
        at++;
      }
      if (at >= end) {
        return false;
      }
      text = new String(bytes, from, at - from, StandardCharsets.UTF_8);
      at++;
      return true;
    }
  }

  /**
   * Schemas that were parsed before, found again by their bytes. Schemas of one place push each
   * other out, so memory is bounded whatever a file holds.
   */
  static final class Cache {
    private static final int PLACES = 1024;

    private final byte[][] keys = new byte[PLACES][];
    private final @Nullable EventSchema[] schemas = new @Nullable EventSchema[PLACES];

    /** The schema of a record that has one; null where it is damaged. */
    @Nullable EventSchema of(EtlRecord record) {
      byte[] bytes = record.bytes;
      int from = record.schema;
      int to = from + record.schemaBytes;
      int place = place(bytes, from, to);
      byte[] key = keys[place];
      if (key == null || !Arrays.equals(key, 0, key.length, bytes, from, to)) {
        keys[place] = Arrays.copyOfRange(bytes, from, to);
        schemas[place] = parse(bytes, from, to - from);
      }
      return schemas[place];
    }

    /** Length, beginning of the name and last field tell schemas apart well enough. */
    private static int place(byte[] bytes, int from, int to) {
      long hash = (long) to - from;
      if (to - from >= 11) {
        hash = hash * 31 + LittleEndian.i64(bytes, from + 3);
        hash = hash * 31 + LittleEndian.i64(bytes, to - 8);
      }
      hash *= 0x9E3779B97F4A7C15L;
      return (int) (hash >>> 54);
    }
  }
}
