package dev.kstrace.traces;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A validity bitmap, read once from front to back: by bits, or 64 rows at a time. */
final class BitSource {
  private static final int CHUNK = 512;
  private static final int WORD = Long.SIZE;

  private final ByteSource source;
  private final ByteBuffer scratch =
      ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  private ByteBuffer chunk = scratch;
  private int bits;
  private int left;
  private long bytesLeft;

  /**
   * A bitmap.
   *
   * @param source at least as many bits as rows
   */
  BitSource(ByteSource source, long rows) {
    this.source = source;
    this.bytesLeft = (rows + 7) / 8;
  }

  /** Whether the next row is known. */
  boolean next() throws IOException {
    if (left == 0) {
      fill();
      bits = chunk.get();
      left = 8;
    }
    boolean bit = (bits & 1) != 0;
    bits >>>= 1;
    left--;
    return bit;
  }

  private void fill() throws IOException {
    if (!chunk.hasRemaining()) {
      int bytes = (int) Math.min(CHUNK, bytesLeft);
      bytesLeft -= bytes;
      chunk = source.next(bytes, scratch);
    }
  }

  /** Whether the next 64 rows lie in one word. */
  private boolean atWord() throws IOException {
    if (left != 0) {
      return false;
    }
    fill();
    return chunk.remaining() >= Long.BYTES;
  }

  /**
   * The next rows, the first in the lowest bit: set = known.
   *
   * @param rows 1 to 64
   */
  long next(int rows) throws IOException {
    if (rows == WORD && atWord()) {
      return chunk.getLong();
    }
    long known = 0;
    for (int row = 0; row < rows; row++) {
      known |= next() ? 1L << row : 0;
    }
    return known;
  }

  /** Skips rows that are not known, as long as it can skip 64 at a time; how many it skipped. */
  int skipNulls(int rows) throws IOException {
    int skipped = 0;
    while (rows - skipped >= WORD && atWord() && chunk.getLong(chunk.position()) == 0) {
      chunk.position(chunk.position() + Long.BYTES);
      skipped += WORD;
    }
    return skipped;
  }

  /** Skips rows. */
  void skip(long rows) throws IOException {
    for (long row = 0; row < rows; ) {
      if (rows - row >= WORD && atWord()) {
        chunk.position(chunk.position() + Long.BYTES);
        row += WORD;
      } else {
        next();
        row++;
      }
    }
  }
}
