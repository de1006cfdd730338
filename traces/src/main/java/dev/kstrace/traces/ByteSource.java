package dev.kstrace.traces;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * The bytes of one Arrow buffer, read once from front to back, so that a batch of any size needs
 * little memory. Not thread-safe.
 */
abstract class ByteSource implements Closeable {
  /** Bytes that one read can be asked for at most. */
  static final int CHUNK = 1 << 16;

  /**
   * Fills the buffer from its position to its limit.
   *
   * @throws EOFException if the source ends before that
   */
  abstract void read(ByteBuffer target) throws IOException;

  /**
   * The next bytes, little-endian: a view of the source where it is in memory, so that bulk copies
   * need no stop between.
   *
   * @param scratch filled and given back where the source is not in memory; at least as large
   * @throws EOFException if the source ends before that
   */
  ByteBuffer next(int length, ByteBuffer scratch) throws IOException {
    read(scratch.clear().limit(length));
    return scratch.flip();
  }

  /** Whether {@link #next} needs no scratch, and gives as many bytes as are asked for. */
  boolean isInMemory() {
    return false;
  }

  @Override
  public void close() {}

  /** Skips bytes, by reading them where there is no other way. */
  void skip(long bytes, ByteBuffer scratch) throws IOException {
    for (long rest = bytes; rest > 0; ) {
      scratch.clear().limit((int) Math.min(rest, scratch.capacity()));
      rest -= scratch.limit();
      read(scratch);
    }
  }

  /** A part of a file. */
  static final class OfFile extends ByteSource {
    private final FileChannel channel;
    private final long end;
    private long position;

    OfFile(FileChannel channel, long position, long length) {
      this.channel = channel;
      this.position = position;
      this.end = position + length;
    }

    @Override
    void read(ByteBuffer target) throws IOException {
      if (target.remaining() > end - position) {
        throw new EOFException("buffer ends early");
      }
      while (target.hasRemaining()) {
        int n = channel.read(target, position);
        if (n < 0) {
          throw new EOFException("file ends early");
        }
        position += n;
      }
    }
  }

  /** A part of a batch body that is already in memory. */
  static final class OfMemory extends ByteSource {
    private final ByteBuffer bytes;

    OfMemory(ByteBuffer body, int offset, int length) {
      bytes = body.duplicate().clear().position(offset).limit(offset + length);
    }

    @Override
    void read(ByteBuffer target) throws IOException {
      target.put(next(target.remaining(), target));
    }

    @Override
    ByteBuffer next(int length, ByteBuffer scratch) throws IOException {
      int start = bytes.position();
      skip(length, scratch);
      return bytes.slice(start, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    boolean isInMemory() {
      return true;
    }

    @Override
    void skip(long length, ByteBuffer scratch) throws IOException {
      if (length > bytes.remaining()) {
        throw new EOFException("buffer ends early");
      }
      bytes.position(bytes.position() + (int) length);
    }
  }

  /** A ZSTD-compressed source; never gives more than the length its frame promised. */
  static final class OfZstd extends ByteSource {
    /**
     * Log2 of the largest window, 8 MiB: what RFC 8878 asks writers to stay below, so that a small
     * file cannot ask for memory of gigabytes.
     */
    private static final int WINDOW_LOG = 23;

    private final InputStream stream;
    private final byte[] chunk = new byte[CHUNK];
    private long rest;

    OfZstd(ByteSource compressed, long compressedLength, long length) throws IOException {
      stream =
          new ZstdInputStreamNoFinalizer(new Compressed(compressed, compressedLength))
              .setLongMax(WINDOW_LOG);
      rest = length;
    }

    @Override
    void read(ByteBuffer target) throws IOException {
      while (target.hasRemaining()) {
        int n = stream.read(chunk, 0, Math.min(chunk.length, target.remaining()));
        if (n <= 0 || n > rest) {
          throw new EOFException("compressed buffer ends early");
        }
        rest -= n;
        target.put(chunk, 0, n);
      }
    }

    @Override
    public void close() {
      try {
        stream.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException("memory cannot fail to close", e);
      }
    }
  }

  /** The compressed bytes as the decompressor wants them. */
  private static final class Compressed extends InputStream {
    private final ByteSource source;
    private long rest;

    Compressed(ByteSource source, long length) {
      this.source = source;
      this.rest = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (rest == 0) {
        return -1;
      }
      int n = (int) Math.min(length, rest);
      source.read(ByteBuffer.wrap(target, offset, n));
      rest -= n;
      return n;
    }
  }
}
