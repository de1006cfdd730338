package dev.kstrace.capture.xml;

import dev.kstrace.capture.imports.Guid;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One Event element. Reused from element to element; not thread-safe. */
final class XmlEvent {
  private static final long NS_PER_SECOND = 1_000_000_000L;

  /** {@code 2017-10-23T00:14:51}; a fraction and a zone may follow. */
  private static final int SECONDS_END = 19;

  final Map<String, String> data = new LinkedHashMap<>();
  @Nullable Guid provider;

  /** Of events that have no manifest: what the provider's class is. */
  @Nullable Guid eventClass;

  @Nullable Integer opcode;
  @Nullable Integer id;
  @Nullable Integer thread;
  @Nullable Long timeNs;
  byte @Nullable [] binary;

  /** Forgets everything. */
  void clear() {
    data.clear();
    provider = null;
    eventClass = null;
    opcode = null;
    id = null;
    thread = null;
    timeNs = null;
    binary = null;
  }

  /**
   * A value as a number, decimal or hexadecimal with 0x, blanks around it; null where it is none.
   */
  @Nullable Long number(String name) {
    String value = data.get(name);
    return value == null ? null : number(value, Long.MIN_VALUE);
  }

  private static @Nullable Long number(String text, long smallest) {
    String value = text.strip();
    try {
      if (value.startsWith("0x") || value.startsWith("0X")) {
        return Long.parseUnsignedLong(value.substring(2), 16);
      }
      long number = value.startsWith("-") ? Long.parseLong(value) : Long.parseUnsignedLong(value);
      return number >= smallest ? Long.valueOf(number) : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  static @Nullable Integer unsigned(@Nullable String text) {
    Long value = text == null ? null : number(text, 0);
    return value == null ? null : Integer.valueOf(value.intValue());
  }

  /**
   * Reads a SystemTime as ns since 1970 without its zone: tracerpt writes {@code +0159} for two
   * hours, so that a zone cannot be believed, and differences do not need it.
   */
  static @Nullable Long time(@Nullable String text) {
    if (text == null || text.length() < SECONDS_END) {
      return null;
    }
    try {
      long seconds =
          LocalDateTime.parse(text.substring(0, SECONDS_END)).toEpochSecond(ZoneOffset.UTC);
      return Math.addExact(Math.multiplyExact(seconds, NS_PER_SECOND), fraction(text));
    } catch (DateTimeException | ArithmeticException e) {
      return null;
    }
  }

  private static long fraction(String text) {
    if (text.length() == SECONDS_END || text.charAt(SECONDS_END) != '.') {
      return 0;
    }
    long ns = 0;
    long unit = NS_PER_SECOND / 10;
    for (int i = SECONDS_END + 1; i < text.length() && unit > 0; i++, unit /= 10) {
      int digit = Character.digit(text.charAt(i), 10);
      if (digit < 0) {
        break;
      }
      ns += digit * unit;
    }
    return ns;
  }

  /** The bytes of BinaryEventData; null where the text is no hex. */
  static byte @Nullable [] hex(String text) {
    try {
      return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
