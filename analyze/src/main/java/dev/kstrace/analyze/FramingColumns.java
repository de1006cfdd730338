package dev.kstrace.analyze;

import dev.kstrace.traces.Framing;

/** The six members of a framing as the columns options_flags to reserved. */
final class FramingColumns {
  /** How many columns a framing takes. */
  static final int COUNT = 6;

  private FramingColumns() {}

  /** A member as an unsigned number; {@code index} counts from options_flags on. */
  static long value(Framing framing, int index) {
    return Integer.toUnsignedLong(
        switch (index) {
          case 0 -> framing.optionsFlags();
          case 1 -> framing.poolType();
          case 2 -> framing.frames();
          case 3 -> framing.frameSize();
          case 4 -> framing.fileAlignment();
          case 5 -> framing.reserved();
          default -> throw new IllegalArgumentException("index=" + index + ", expected 0 to 5");
        });
  }
}
