package dev.kstrace.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Standard output that remembers why it failed: a reader that has seen enough is no error, a full
 * disk is. Not thread-safe.
 */
final class Stdout extends OutputStream {
  private final OutputStream stream = new FileOutputStream(FileDescriptor.out);
  private final byte[] buffer = new byte[1 << 14];
  private int count;
  private @Nullable IOException failure;
  private volatile boolean ended;

  /** What went wrong first, or null. */
  @Nullable IOException failure() {
    return failure;
  }

  /** Nothing more is written: an interrupted command's last word stands behind its output. */
  void end() {
    ended = true;
  }

  @Override
  public void write(int b) throws IOException {
    if (count == buffer.length) {
      flush();
    }
    buffer[count++] = (byte) b;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (length > buffer.length - count) {
      flush();
    }
    if (length > buffer.length) {
      send(bytes, offset, length);
    } else {
      System.arraycopy(bytes, offset, buffer, count, length);
      count += length;
    }
  }

  @Override
  public void flush() throws IOException {
    int bytes = count;
    count = 0;
    send(buffer, 0, bytes);
  }

  private void send(byte[] bytes, int offset, int length) throws IOException {
    if (failure != null) {
      throw failure;
    }
    if (ended) {
      return;
    }
    try {
      stream.write(bytes, offset, length);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }
}
