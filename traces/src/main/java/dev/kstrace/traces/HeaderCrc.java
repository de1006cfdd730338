package dev.kstrace.traces;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.arrow.flatbuf.KeyValue;
import org.apache.arrow.flatbuf.Message;

/**
 * The CRC-32C of a batch's header, beside that of its body. It stands in the header itself, so its
 * own digits count as zeros.
 */
final class HeaderCrc {
  /** Its key in the custom metadata of a message. */
  static final String KEY = "kstrace.header_crc32c";

  /** What stands for it until it is known. */
  static final String UNKNOWN = "0".repeat(Crc.DIGITS);

  private HeaderCrc() {}

  /**
   * Puts the checksum into a header that has {@link #UNKNOWN} for it.
   *
   * @param header the message's table with its padding, from index 0 to the limit
   */
  static void seal(ByteBuffer header) {
    Message message = Message.getRootAsMessage(header.duplicate().order(header.order()));
    KeyValue entry = message.customMetadata(indexOf(message));
    byte[] digits = Crc.format(header).getBytes(StandardCharsets.US_ASCII);
    header.put(entry.valueAsByteBuffer().position(), digits);
  }

  private static int indexOf(Message message) {
    for (int i = 0; i < message.customMetadataLength(); i++) {
      if (KEY.equals(message.customMetadata(i).key())) {
        return i;
      }
    }
    throw new IllegalStateException("a header without " + KEY);
  }

  /**
   * Compares a header with the checksum in it.
   *
   * @param value the checksum's text, as FlatBuffers gives it: a view of the header
   * @throws IOException if they differ
   */
  static void require(Message message, ByteBuffer value) throws IOException {
    ByteBuffer view = message.getByteBuffer().duplicate().clear();
    byte[] header = new byte[view.remaining()];
    view.get(header);
    int at = value.position();
    String stored = new String(header, at, value.remaining(), StandardCharsets.US_ASCII);
    Arrays.fill(header, at, at + value.remaining(), (byte) '0');
    String found = Crc.format(ByteBuffer.wrap(header));
    if (!found.equalsIgnoreCase(stored)) {
      throw new IOException(
          "the checksum of its header is wrong: "
              + KEY
              + " says "
              + Escapes.escape(stored)
              + ", the header gives "
              + found);
    }
  }
}
