package dev.kstrace.capture.imports;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A GUID as Windows stores it: 16 bytes of which the first three groups are little-endian.
 * Immutable.
 *
 * @param low the first eight bytes as a little-endian number
 * @param high the last eight bytes as a little-endian number
 */
public record Guid(long low, long high) {
  private static final byte[] NAME_SPACE =
      ByteBuffer.allocate(16).putLong(0x482C2DB2C39047C8L).putLong(0x87F81A15BFC130FBL).array();

  /**
   * Reads the usual text, with or without braces.
   *
   * @return null where the text is no GUID
   */
  public static @Nullable Guid parse(String text) {
    String digits = text.strip().replaceAll("^\\{|\\}$", "");
    if (!digits.matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")) {
      return null;
    }
    String hex = digits.replace("-", "");
    long first = Long.parseUnsignedLong(hex.substring(0, 16), 16);
    long second = Long.parseUnsignedLong(hex.substring(16), 16);
    return new Guid(
        (first >>> 32) | ((first & 0xFFFF0000L) << 16) | (first << 48), Long.reverseBytes(second));
  }

  /**
   * The GUID that a provider of self-describing events has by its name alone, as EventSource and
   * TraceLogging tools compute it.
   */
  public static Guid ofProviderName(String name) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      sha1.update(NAME_SPACE);
      sha1.update(name.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.UTF_16BE));
      byte[] hash = sha1.digest();
      hash[7] = (byte) ((hash[7] & 0x0F) | 0x50);
      ByteBuffer bytes = ByteBuffer.wrap(hash).order(ByteOrder.LITTLE_ENDIAN);
      return new Guid(bytes.getLong(0), bytes.getLong(8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }

  /** The 16 bytes as they lie in memory. */
  public byte[] toBytes() {
    return ByteBuffer.allocate(16)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(low)
        .putLong(high)
        .array();
  }

  /** The usual text in lower case, without braces. */
  @Override
  public String toString() {
    long tail = Long.reverseBytes(high);
    return String.format(
        Locale.ROOT,
        "%08x-%04x-%04x-%04x-%012x",
        (int) low,
        (low >>> 32) & 0xFFFF,
        low >>> 48,
        tail >>> 48,
        tail & 0xFFFFFFFFFFFFL);
  }
}
