package dev.kstrace.traces;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.Closeable;
import java.nio.ByteBuffer;

/**
 * Compresses the body of a record batch buffer by buffer, as Arrow does it: in front of each one
 * stands its plain length, or -1 where it is stored as it was because ZSTD did not make it smaller.
 * Holds native memory until closed. Not thread-safe.
 */
final class BodyCompressor implements Closeable {
  /** On recorded events a higher level is slower and not smaller. */
  private static final int LEVEL = 1;

  private static final long STORED = -1;

  private final ZstdCompressCtx context = new ZstdCompressCtx().setLevel(LEVEL);
  private ByteBuffer target = BatchEncoder.allocate(1 << 16);

  /**
   * Compresses a body.
   *
   * @param plain the body from index 0 on, a direct buffer
   * @param buffers offset and length of each buffer in turn; replaced by the new ones
   * @param count how many buffers
   * @return the new body, ready to be read and valid until the next call
   */
  ByteBuffer compress(ByteBuffer plain, long[] buffers, int count) {
    target.clear();
    for (int i = 0; i < count; i++) {
      int length = (int) buffers[2 * i + 1];
      reserve(Long.BYTES + Zstd.compressBound(length) + BatchEncoder.ALIGN);
      int start = target.position();
      append(plain, (int) buffers[2 * i], length);
      buffers[2 * i] = start;
      buffers[2 * i + 1] = (long) target.position() - start;
      BatchEncoder.pad(target);
    }
    return target.flip();
  }

  private void append(ByteBuffer plain, int from, int length) {
    target.putLong(length);
    if (length == 0) {
      return;
    }
    int at = target.position();
    int compressed =
        context.compressDirectByteBuffer(target, at, target.capacity() - at, plain, from, length);
    if (compressed < length) {
      target.position(at + compressed);
    } else {
      target
          .putLong(at - Long.BYTES, STORED)
          .put(plain.duplicate().position(from).limit(from + length));
    }
  }

  private void reserve(long bytes) {
    long needed = target.position() + bytes;
    if (needed > target.capacity()) {
      ByteBuffer larger =
          BatchEncoder.allocate(Math.toIntExact(Math.max(needed, 2L * target.capacity())));
      target = larger.put(target.flip());
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
