package dev.kstrace.traces;

/** Addresses and flag words as people and the JSON outputs see them. */
public final class Hex {
  private Hex() {}

  /** An unsigned 64-bit number such as {@code 0xffff9a0000012000}; no padding. */
  public static String of(long value) {
    return "0x" + Long.toHexString(value);
  }
}
