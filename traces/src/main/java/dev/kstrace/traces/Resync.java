package dev.kstrace.traces;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * Searches a damaged file for the next record batch, at any byte.
 *
 * <p>A hostile file may be full of what looks like the beginning of a batch, so the work is
 * bounded: after having looked at eight times the file's bytes no further place is tried. Not
 * thread-safe.
 */
final class Resync {
  /** Longest metadata of a message that are searched for: a header has some kilobytes. */
  static final int MOST_METADATA = 1 << 20;

  private static final int CHUNK = 1 << 16;
  private static final int PREFIX = 8;
  private static final long LEAST_WORK = 1 << 24;

  private final FileChannel channel;
  private final long end;
  private final Check check;
  private long work;

  /** Tells whether a record batch begins at an offset. */
  interface Check {
    /** Bytes of the record batch that is framed there, 0 = none: cheap. */
    long framedBytes(long at) throws IOException;

    /** Whether the record batch that is framed there passes all checks: reads all of it. */
    boolean isWhole(long at) throws IOException;
  }

  Resync(FileChannel channel, long fileBytes, long end, Check check) {
    this.channel = channel;
    this.end = end;
    this.check = check;
    this.work = Math.max(LEAST_WORK, 8 * fileBytes);
  }

  /** Where the next batch begins, from an offset on; the end of the batches if there is none. */
  long next(long from) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (long at = from; at + PREFIX <= end && work > 0; ) {
      chunk.clear().limit((int) Math.min(CHUNK, end - at));
      if (channel.read(chunk, at) < PREFIX) {
        return end;
      }
      int places = chunk.position() - PREFIX + 1;
      for (int i = 0; i < places && work > 0; i++) {
        int length = chunk.getInt(i + Integer.BYTES);
        if (chunk.getInt(i) == -1 && length > 0 && length <= MOST_METADATA) {
          long bytes = check.framedBytes(at + i);
          work -= Math.max(length, bytes);
          if (bytes > 0 && check.isWhole(at + i)) {
            return at + i;
          }
        }
      }
      work -= places;
      at += places;
    }
    return end;
  }
}
