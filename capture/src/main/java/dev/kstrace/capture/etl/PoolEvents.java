package dev.kstrace.capture.etl;

import dev.kstrace.capture.imports.PoolImport;
import dev.kstrace.capture.imports.PoolTag;

/**
 * Pool events of the kernel logger, version 2:
 *
 * <pre>
 *   opcode 32 PoolAllocation, 33 the same of a session's pool, 34 PoolFree, 35 of a session's pool
 *   u32 Type, u32 Tag, SizeT NumberOfBytes, pointer Entry [, u32 SessionId]
 * </pre>
 *
 * Source: the MOF class of 0268a8b6-74fd-4302-9dd0-6e8f1795c0cf in jdu2600/Windows10EtwEvents. No
 * real file with such events was at hand; sizes follow the pointer size of the record.
 */
final class PoolEvents {
  static final int GROUP = 0x0E;

  private static final int TAG_AT = 4;
  private static final int SIZE_AT = 8;

  private PoolEvents() {}

  /** Whether a record is an allocation or a free with all its fields. */
  static boolean isOne(EtlRecord record) {
    return isNamed(record) && record.payloadBytes >= SIZE_AT + 2 * record.pointerBytes;
  }

  /** Whether a record says that it is one. */
  static boolean isNamed(EtlRecord record) {
    boolean pool =
        record.isKernel()
            ? record.group == GROUP
            : record.kind == EtlRecord.Kind.CLASSIC
                && PoolImport.CLASS != null
                && record.isOf(PoolImport.CLASS);
    return pool && PoolImport.isCall(record.opcode);
  }

  static boolean isFree(EtlRecord record) {
    return PoolImport.isFree(record.opcode);
  }

  static int tag(EtlRecord record) {
    return LittleEndian.i32(record.bytes, record.payload + TAG_AT);
  }

  static int type(EtlRecord record) {
    return LittleEndian.i32(record.bytes, record.payload);
  }

  static long size(EtlRecord record) {
    return pointer(record, SIZE_AT);
  }

  static long address(EtlRecord record) {
    return pointer(record, SIZE_AT + record.pointerBytes);
  }

  private static long pointer(EtlRecord record, int at) {
    return record.pointerBytes == 8
        ? LittleEndian.i64(record.bytes, record.payload + at)
        : LittleEndian.u32(record.bytes, record.payload + at);
  }

  /** Hands the fields of {@link #isOne} to a visitor. */
  static void visit(EtlRecord record, FieldVisitor visitor) {
    visitor.hex("Type", LittleEndian.u32(record.bytes, record.payload));
    visitor.text("Tag", new PoolTag(tag(record)).toString());
    visitor.wide("NumberOfBytes", size(record), true);
    visitor.hex("Entry", address(record));
  }
}
