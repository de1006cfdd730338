package dev.kstrace.cli.export;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A message in the encoding of Protocol Buffers, built field by field and used again after {@link
 * #clear}. Not thread-safe.
 */
final class ProtoMessage {
  private static final int VARINT = 0;
  private static final int LENGTH_DELIMITED = 2;

  private byte[] bytes = new byte[256];
  private int length;

  /** Makes it empty. */
  ProtoMessage clear() {
    length = 0;
    return this;
  }

  /** Adds a number, as int32, int64, uint32, uint64, bool and enum have it. */
  ProtoMessage number(int field, long value) {
    tag(field, VARINT);
    varint(value);
    return this;
  }

  /** Adds a text; halves of characters become question marks. */
  ProtoMessage text(int field, String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    return bytes(field, utf8, utf8.length);
  }

  /** Adds a message as it is now. */
  ProtoMessage message(int field, ProtoMessage value) {
    return bytes(field, value.bytes, value.length);
  }

  /** Writes its bytes. */
  void writeTo(PrintStream out) {
    out.write(bytes, 0, length);
  }

  private ProtoMessage bytes(int field, byte[] value, int count) {
    tag(field, LENGTH_DELIMITED);
    varint(count);
    reserve(count);
    System.arraycopy(value, 0, bytes, length, count);
    length += count;
    return this;
  }

  private void tag(int field, int type) {
    varint(((long) field << 3) | type);
  }

  private void varint(long value) {
    reserve(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[length++] = (byte) ((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  private void reserve(int count) {
    if (bytes.length - length < count) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(length, count)));
    }
  }
}
