package dev.kstrace.capture.etl;

import java.util.Comparator;

/**
 * The head of one buffer of the file (WMI_BUFFER_HEADER, 72 bytes):
 *
 * <pre>
 *   0x00 u32 distance to the next buffer
 *   0x18 i64 SequenceNumber
 *   0x28 u16 processor, or u8 without PROC_INDEX (Windows 7)
 *   0x30 u32 filled bytes, these 72 included; of a compressed buffer: once it is unpacked
 *   0x34 u16 flags
 *   0x36 u16 type
 *   0x48 records
 * </pre>
 *
 * @param offset where it begins in the file
 * @param size bytes it takes in the file
 * @param filled bytes in use after unpacking, from 0x00 on
 * @param sequence its place among the session's buffers
 * @param processor whose events it holds
 * @param flags bits below
 * @param type 4 = header, 6 = empty, ...
 */
record BufferHead(
    long offset, int size, int filled, long sequence, int processor, int flags, int type) {
  /** Bytes of the head, and where records begin. */
  static final int BYTES = 0x48;

  /** Bytes that a buffer may have, packed or not; the largest of real sessions is 16 MiB. */
  static final int MAX_BYTES = 1 << 24;

  private static final int PROC_INDEX = 0x20;
  private static final int COMPRESSED = 0x40;
  private static final int TYPE_EMPTY = 6;

  /** Buffers of one processor in the order in which they were filled. */
  static final Comparator<BufferHead> FILLING_ORDER =
      Comparator.comparingInt(BufferHead::processor)
          .thenComparingLong(BufferHead::sequence)
          .thenComparingLong(BufferHead::offset);

  /** The head in the first 72 of these bytes, whatever it says. */
  static BufferHead parse(byte[] bytes, long offset) {
    int flags = LittleEndian.u16(bytes, 0x34);
    int processor = LittleEndian.u16(bytes, 0x28);
    return new BufferHead(
        offset,
        LittleEndian.i32(bytes, 0x00),
        LittleEndian.i32(bytes, 0x30),
        LittleEndian.i64(bytes, 0x18),
        (flags & PROC_INDEX) != 0 ? processor : processor & 0xFF,
        flags,
        LittleEndian.u16(bytes, 0x36));
  }

  /** Whether the distance to the next buffer is one that can be. */
  boolean hasPossibleSize() {
    return size >= BYTES && size <= MAX_BYTES;
  }

  /** Whether the filled bytes fit what holds them. */
  boolean hasPossibleFilling() {
    return filled >= BYTES && filled <= (isCompressed() ? MAX_BYTES : size);
  }

  boolean isCompressed() {
    return (flags & COMPRESSED) != 0;
  }

  /** Whether records can be in it. */
  boolean hasRecords() {
    return type != TYPE_EMPTY && filled != BYTES;
  }
}
