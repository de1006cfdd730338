package dev.kstrace.traces;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.zip.CRC32C;

/** CRC-32C as the trace format writes it: eight hexadecimal digits. */
final class Crc {
  /** Length of a checksum as text. */
  static final int DIGITS = 8;

  private Crc() {}

  /** The checksum of the buffer's remaining bytes; the position does not move. */
  static String format(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return format(crc.getValue());
  }

  /** A checksum as text. */
  static String format(long crc) {
    return String.format(Locale.ROOT, "%08x", crc);
  }
}
