package dev.kstrace.traces;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** How long texts of {@code detail} may be, for writers and readers alike. */
final class TextLimits {
  /** Longest text, in bytes of UTF-8. */
  static final int TEXT_BYTES = 1 << 24;

  /** All texts of one read: compressed, a small file could hold more than memory does. */
  static final int READ_BYTES = 1 << 26;

  /** Most bytes of UTF-8 that a char becomes. */
  private static final int CHAR_BYTES = 3;

  private TextLimits() {}

  /**
   * How many rows may be written as one batch, so that a reader may read it at once; at least one.
   *
   * @throws IOException if a text is longer than readers accept
   */
  static int rowsThatFit(EventBatch batch, int from, int rows) throws IOException {
    long bytes = 0;
    for (int row = from; row < from + rows; row++) {
      String text = batch.detail[row];
      if (text == null) {
        continue;
      }
      long most = (long) CHAR_BYTES * text.length();
      if (most > TEXT_BYTES) {
        most = text.getBytes(StandardCharsets.UTF_8).length;
      }
      if (most > TEXT_BYTES) {
        throw new IOException(
            "the detail of seq "
                + Long.toUnsignedString(batch.seq[row])
                + " has "
                + most
                + " bytes, a trace holds at most 16 MiB");
      }
      bytes += most;
      if (bytes > READ_BYTES) {
        return row - from;
      }
    }
    return rows;
  }
}
