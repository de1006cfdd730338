package dev.kstrace.cli;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Takes what a command prints as UTF-8 and notices what could harm a terminal: control characters
 * other than line ends, marks that turn text round, line separators, bytes that are no UTF-8. Keeps
 * the beginning only.
 */
final class PrintedText extends OutputStream {
  private static final int KEPT = 1 << 12;

  private final byte[] beginning = new byte[KEPT];
  private int kept;
  private int pending;
  private int left;
  private @Nullable String raw;

  @Override
  public void write(int b) {
    int value = b & 0xFF;
    if (kept < KEPT) {
      beginning[kept++] = (byte) value;
    }
    if (left > 0 && (value & 0xC0) == 0x80) {
      pending = (pending << 6) | (value & 0x3F);
      if (--left == 0) {
        check(pending);
      }
    } else if (left > 0 || (value & 0xC0) == 0x80) {
      left = 0;
      note("byte", value);
    } else if (value < 0x80) {
      check(value);
    } else {
      left = value >= 0xF0 ? 3 : value >= 0xE0 ? 2 : 1;
      pending = value & (0x3F >> left);
    }
  }

  private void check(int c) {
    boolean harmful =
        switch (Character.getType(c)) {
          case Character.CONTROL -> c != '\n' && c != '\r';
          case Character.FORMAT,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR,
              Character.SURROGATE ->
              true;
          default -> false;
        };
    if (harmful) {
      note("U+", c);
    }
  }

  private void note(String kind, int value) {
    if (raw == null) {
      String before = new String(beginning, 0, kept, StandardCharsets.UTF_8);
      raw =
          kind
              + String.format(Locale.ROOT, "%04x", value)
              + " behind "
              + before.substring(Math.max(0, before.length() - 60));
    }
  }

  /** The first harmful character with what stands before it; null = there is none. */
  @Nullable String firstRaw() {
    return raw;
  }

  /** What was printed first. */
  String beginning() {
    return new String(beginning, 0, kept, StandardCharsets.UTF_8);
  }
}
