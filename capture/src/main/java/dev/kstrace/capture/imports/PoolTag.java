package dev.kstrace.capture.imports;

import java.nio.charset.StandardCharsets;

/**
 * A tag of a kernel pool allocation: four characters as they lie in memory, lowest byte first.
 *
 * @param value the ULONG that the pool functions take
 */
public record PoolTag(int value) {
  private static final int CHARACTERS = 4;

  /** The protected-pool bit, which is no part of the name. */
  private static final int PROTECTED = 0x80000000;

  /**
   * Reads a tag such as {@code AVSh}; a shorter one is filled with spaces.
   *
   * @throws IllegalArgumentException if it is not one to four printable ASCII characters
   */
  public static PoolTag parse(String text) {
    if (!text.matches("[\\x20-\\x7e]{1,4}")) {
      throw new IllegalArgumentException(
          "pool tag=" + text + ", expected one to four ASCII characters such as AVSh");
    }
    int value = 0;
    for (int i = CHARACTERS - 1; i >= 0; i--) {
      value = value << 8 | (i < text.length() ? text.charAt(i) : ' ');
    }
    return new PoolTag(value);
  }

  /** Whether an allocation's tag is this one. */
  public boolean matches(int tag) {
    return (tag & ~PROTECTED) == value;
  }

  /** The four characters. */
  @Override
  public String toString() {
    byte[] characters = {
      (byte) value, (byte) (value >>> 8), (byte) (value >>> 16), (byte) (value >>> 24)
    };
    return new String(characters, StandardCharsets.ISO_8859_1);
  }
}
