package dev.kstrace.capture.etl;

import dev.kstrace.capture.etl.EtlRecord.Kind;

/**
 * Finds out where the parts of a record are. All kinds share their first four bytes: {@code u16, u8
 * type, u8 marker}.
 *
 * <pre>
 *   type            header  size at  time at
 *   01 02 SYSTEM      32       4       16    opcode 6, group 7, thread 8, process 12
 *   03 04 COMPACT     24       4       16    the same without processor times
 *   10 11 PERFINFO    16       4        8    opcode 6, group 7
 *   0A 14 CLASSIC     48       0       16    type 4, level 5, version 6, thread 8, process 12,
 *                                            GUID 24
 *   0B 15 INSTANCE    56, 72   0       16    type 4, level 5, version 6, thread 8, process 12
 *   12 13 EVENT       80       0       16    flags 4, thread 8, process 12, GUID 24, descriptor 40
 *   marker 90: MESSAGE, size 0, number 4, flags 6, then what the flags say
 * </pre>
 *
 * The version of kernel headers has flags of its own: 0x8000 and 0x0700 (a count) stand for further
 * words of eight bytes behind the header. Source: NTWMI.H as geoffchappell.com describes it.
 */
final class RecordParser {
  /** The answer for bytes that are no record. */
  static final int UNKNOWN = -1;

  private static final int MARKER_MASK = 0xD0;
  private static final int MARKER_EVENT = 0xC0;
  private static final int MARKER_MESSAGE = 0x90;

  private static final int FLAG_EXTENDED = 0x01;
  private static final int FLAG_32_BIT = 0x20;
  private static final int FLAG_64_BIT = 0x40;

  private static final int ITEM_SCHEMA = 11;
  private static final int ITEM_TRAITS = 12;
  private static final int ITEM_HEAD = 8;

  private RecordParser() {}

  /**
   * Reads the record at an offset.
   *
   * @param end where the records of the buffer end
   * @param record what to fill; its bytes are set already
   * @return bytes of the record, padding excluded, or {@link #UNKNOWN}
   */
  static int parse(byte[] bytes, int at, int end, EtlRecord record) {
    if (end - at < 8) {
      return UNKNOWN;
    }
    record.start = at;
    record.schema = EtlRecord.NONE;
    record.traits = EtlRecord.NONE;
    record.hasThread = true;
    int marker = LittleEndian.u8(bytes, at + 3) & MARKER_MASK;
    if (marker == MARKER_MESSAGE) {
      return message(bytes, at, end, record);
    }
    if (marker != MARKER_EVENT) {
      return UNKNOWN;
    }
    int type = LittleEndian.u8(bytes, at + 2);
    return switch (type) {
      case 0x12, 0x13 -> event(bytes, at, end, record, type == 0x13 ? 8 : 4);
      case 0x01, 0x02 -> kernel(bytes, at, end, record, Kind.SYSTEM, 32, type == 0x02 ? 8 : 4);
      case 0x03, 0x04 -> kernel(bytes, at, end, record, Kind.COMPACT, 24, type == 0x04 ? 8 : 4);
      case 0x10, 0x11 -> kernel(bytes, at, end, record, Kind.PERFINFO, 16, type == 0x11 ? 8 : 4);
      case 0x0A -> classic(bytes, at, end, record, Kind.CLASSIC, 48, 4);
      case 0x14 -> classic(bytes, at, end, record, Kind.CLASSIC, 48, 8);
      case 0x0B -> classic(bytes, at, end, record, Kind.INSTANCE, 56, 4);
      case 0x15 -> classic(bytes, at, end, record, Kind.INSTANCE, 72, 8);
      default -> UNKNOWN;
    };
  }

  private static boolean fits(int size, int header, int at, int end) {
    return size >= header && size <= end - at;
  }

  private static void body(EtlRecord record, Kind kind, int size, int payload, int pointerBytes) {
    record.kind = kind;
    record.size = size;
    record.payload = payload;
    record.payloadBytes = record.start + size - payload;
    record.pointerBytes = pointerBytes;
  }

  private static int kernel(
      byte[] bytes, int at, int end, EtlRecord record, Kind kind, int header, int pointerBytes) {
    int version = LittleEndian.u16(bytes, at);
    int words = (version >>> 15) + (version >>> 8 & 7);
    int size = LittleEndian.u16(bytes, at + 4);
    if (!fits(size, header + 8 * words, at, end)) {
      return UNKNOWN;
    }
    body(record, kind, size, at + header + 8 * words, pointerBytes);
    record.version = version & 0x78FF;
    record.opcode = LittleEndian.u8(bytes, at + 6);
    record.group = LittleEndian.u8(bytes, at + 7);
    record.hasThread = kind != Kind.PERFINFO;
    record.ticks = LittleEndian.i64(bytes, at + (record.hasThread ? 16 : 8));
    if (record.hasThread) {
      record.thread = LittleEndian.i32(bytes, at + 8);
      record.process = LittleEndian.i32(bytes, at + 12);
    }
    record.id = 0;
    record.channel = 0;
    record.level = 0;
    record.task = 0;
    record.keyword = 0;
    record.guidLow = 0;
    record.guidHigh = 0;
    return size;
  }

  private static int classic(
      byte[] bytes, int at, int end, EtlRecord record, Kind kind, int header, int pointerBytes) {
    int size = LittleEndian.u16(bytes, at);
    if (!fits(size, header, at, end)) {
      return UNKNOWN;
    }
    body(record, kind, size, at + header, pointerBytes);
    record.opcode = LittleEndian.u8(bytes, at + 4);
    record.level = LittleEndian.u8(bytes, at + 5);
    record.version = LittleEndian.u16(bytes, at + 6);
    record.thread = LittleEndian.i32(bytes, at + 8);
    record.process = LittleEndian.i32(bytes, at + 12);
    record.ticks = LittleEndian.i64(bytes, at + 16);
    boolean hasGuid = kind == Kind.CLASSIC;
    record.guidLow = hasGuid ? LittleEndian.i64(bytes, at + 24) : 0;
    record.guidHigh = hasGuid ? LittleEndian.i64(bytes, at + 32) : 0;
    record.group = 0;
    record.id = 0;
    record.channel = 0;
    record.task = 0;
    record.keyword = 0;
    return size;
  }

  private static int event(byte[] bytes, int at, int end, EtlRecord record, int pointerBytes) {
    int size = LittleEndian.u16(bytes, at);
    if (!fits(size, 80, at, end)) {
      return UNKNOWN;
    }
    int flags = LittleEndian.u16(bytes, at + 4);
    int pointer = (flags & FLAG_32_BIT) != 0 ? 4 : (flags & FLAG_64_BIT) != 0 ? 8 : pointerBytes;
    record.thread = LittleEndian.i32(bytes, at + 8);
    record.process = LittleEndian.i32(bytes, at + 12);
    record.ticks = LittleEndian.i64(bytes, at + 16);
    record.guidLow = LittleEndian.i64(bytes, at + 24);
    record.guidHigh = LittleEndian.i64(bytes, at + 32);
    record.id = LittleEndian.u16(bytes, at + 40);
    record.version = LittleEndian.u8(bytes, at + 42);
    record.channel = LittleEndian.u8(bytes, at + 43);
    record.level = LittleEndian.u8(bytes, at + 44);
    record.opcode = LittleEndian.u8(bytes, at + 45);
    record.task = LittleEndian.u16(bytes, at + 46);
    record.keyword = LittleEndian.i64(bytes, at + 48);
    record.group = 0;
    int payload = at + 80;
    if ((flags & FLAG_EXTENDED) != 0) {
      payload = items(bytes, payload, at + size, record);
      if (payload == UNKNOWN) {
        return UNKNOWN;
      }
    }
    body(record, Kind.EVENT, size, payload, pointer);
    return size;
  }

  /**
   * Extended items: {@code u16, u16 type, u16 linkage, u16 size, data}, padded to eight bytes; the
   * lowest bit of linkage says that another follows. Stacks and related activities are passed over.
   */
  private static int items(byte[] bytes, int from, int end, EtlRecord record) {
    int at = from;
    boolean more = true;
    while (more) {
      if (end - at < ITEM_HEAD) {
        return UNKNOWN;
      }
      int type = LittleEndian.u16(bytes, at + 2);
      more = (LittleEndian.u16(bytes, at + 4) & 1) != 0;
      int size = LittleEndian.u16(bytes, at + 6);
      int data = at + ITEM_HEAD;
      int next = data + ((size + 7) & ~7);
      if (next > end) {
        return UNKNOWN;
      }
      if (type == ITEM_SCHEMA) {
        record.schema = data;
        record.schemaBytes = size;
      } else if (type == ITEM_TRAITS && size >= 2) {
        record.traits = data;
        record.traitsBytes = size;
      }
      at = next;
    }
    return at;
  }

  private static int message(byte[] bytes, int at, int end, EtlRecord record) {
    int size = LittleEndian.u16(bytes, at);
    if (!fits(size, 8, at, end)) {
      return UNKNOWN;
    }
    int flags = LittleEndian.u16(bytes, at + 6);
    int next = at + 8 + ((flags & 1) != 0 ? 4 : 0);
    int guid = next;
    next += (flags & 2) != 0 ? 16 : (flags & 4) != 0 ? 4 : 0;
    int time = next;
    next += (flags & 8) != 0 ? 8 : 0;
    int ids = next;
    next += (flags & 0x20) != 0 ? 8 : 0;
    if (next > at + size) {
      return UNKNOWN;
    }
    body(record, Kind.MESSAGE, size, next, record.pointerBytes);
    record.id = LittleEndian.u16(bytes, at + 4);
    record.guidLow = (flags & 2) != 0 ? LittleEndian.i64(bytes, guid) : 0;
    record.guidHigh = (flags & 2) != 0 ? LittleEndian.i64(bytes, guid + 8) : 0;
    if ((flags & 8) != 0) {
      record.ticks = LittleEndian.i64(bytes, time); // else that of the record before it
    }
    record.hasThread = (flags & 0x20) != 0;
    if (record.hasThread) {
      record.thread = LittleEndian.i32(bytes, ids);
      record.process = LittleEndian.i32(bytes, ids + 4);
    }
    record.group = 0;
    record.opcode = 0;
    record.version = 0;
    record.channel = 0;
    record.level = 0;
    record.task = 0;
    record.keyword = 0;
    return size;
  }
}
