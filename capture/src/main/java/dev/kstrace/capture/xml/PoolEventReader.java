package dev.kstrace.capture.xml;

import dev.kstrace.capture.imports.PoolImport;
import dev.kstrace.capture.imports.PoolTag;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Reads kernel pool events from XML: from the values {@code Type}, {@code Tag}, {@code
 * NumberOfBytes} and {@code Entry}, or from the bytes of an event that tracerpt could not decode,
 * whose number tells the size of a pointer.
 */
final class PoolEventReader {
  private static final int HEAD_BYTES = 8;
  private static final int SESSION_BYTES = 4;

  private PoolEventReader() {}

  /** Whether an event says that it is an allocation or a free. */
  static boolean isOne(XmlEvent event) {
    Integer opcode = event.opcode;
    return PoolImport.CLASS != null
        && opcode != null
        && PoolImport.isCall(opcode)
        && (PoolImport.CLASS.equals(event.provider) || PoolImport.CLASS.equals(event.eventClass));
  }

  /** Hands {@link #isOne} on; false where it cannot be read. */
  static boolean read(XmlEvent event, PoolImport into, long timeNs) throws IOException {
    Integer opcode = event.opcode;
    if (opcode == null) {
      return false;
    }
    boolean free = PoolImport.isFree(opcode);
    if (event.binary != null) {
      return read(event.binary, free, event.thread, into, timeNs);
    }
    Long type = event.number("Type");
    Integer tag = tag(event);
    Long bytes = event.number("NumberOfBytes");
    Long address = event.number("Entry");
    if (type == null || tag == null || bytes == null || address == null) {
      return false;
    }
    into.accept(tag, type.intValue(), address, bytes, free, timeNs, event.thread);
    return true;
  }

  /** A number, or the four characters that it stands for. */
  private static @Nullable Integer tag(XmlEvent event) {
    Long number = event.number("Tag");
    if (number != null) {
      return number >>> Integer.SIZE == 0 ? Integer.valueOf(number.intValue()) : null;
    }
    try {
      return PoolTag.parse(event.data.getOrDefault("Tag", "").strip()).value();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static boolean read(
      byte[] payload, boolean free, @Nullable Integer thread, PoolImport into, long timeNs)
      throws IOException {
    int rest = payload.length - HEAD_BYTES;
    int session = rest % Long.BYTES == 0 ? 0 : SESSION_BYTES;
    int pointer = (rest - session) / 2;
    if (pointer != Integer.BYTES && pointer != Long.BYTES) {
      return false;
    }
    ByteBuffer fields = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    int type = fields.getInt();
    int tag = fields.getInt();
    long bytes = pointer(fields, pointer);
    long address = pointer(fields, pointer);
    into.accept(tag, type, address, bytes, free, timeNs, thread);
    return true;
  }

  private static long pointer(ByteBuffer fields, int bytes) {
    return bytes == Long.BYTES ? fields.getLong() : Integer.toUnsignedLong(fields.getInt());
  }
}
