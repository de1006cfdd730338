package dev.kstrace.capture.xml;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Ends reading where a parser takes in more and more without coming to an end of something, so that
 * a name or a value without an end does not fill memory. Not thread-safe.
 */
final class GuardedInput extends FilterInputStream {
  private static final int MAX_BYTES = 1 << 24;

  private long bytes;
  private long limit = MAX_BYTES;

  GuardedInput(InputStream in) {
    super(in);
  }

  /** Bytes handed out so far. */
  long bytes() {
    return bytes;
  }

  /** Says that the parser has come to an end of something. */
  void progressed() {
    limit = bytes + MAX_BYTES;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (bytes >= limit) {
      throw new IOException("one value is longer than " + MAX_BYTES + " bytes");
    }
    int n = super.read(target, offset, length);
    bytes += Math.max(n, 0);
    return n;
  }
}
