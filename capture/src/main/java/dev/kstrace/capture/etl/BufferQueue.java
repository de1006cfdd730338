package dev.kstrace.capture.etl;

import dev.kstrace.capture.imports.LossLedger;
import dev.kstrace.capture.imports.LossLedger.Cause;
import dev.kstrace.traces.MalformedTraceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/**
 * The records of one processor, buffer after buffer in the order in which they were filled, one
 * buffer in memory. Not thread-safe.
 */
final class BufferQueue {
  private static final int END_OF_BUFFER = 0xFFFFFFFF;

  private final Path file;
  private final FileChannel channel;
  private final LossLedger losses;
  private final Budget budget;
  private final List<BufferHead> heads;
  private final EtlRecord record = new EtlRecord();
  private byte[] packed = new byte[0];
  private byte[] bytes = new byte[0];
  private int nextHead;
  private int at;
  private int end;
  private long bytesRead;
  private long firstUndecoded = -1;

  /** What all queues of a file may hold in memory together. */
  static final class Budget {
    private static final long BYTES =
        Math.max(64L << 20, Math.min(512L << 20, Runtime.getRuntime().maxMemory() / 2));
    private long rest = BYTES;

    private boolean take(long bytes) {
      rest -= bytes;
      return rest >= 0;
    }
  }

  BufferQueue(
      Path file, FileChannel channel, LossLedger losses, Budget budget, List<BufferHead> heads) {
    this.file = file;
    this.channel = channel;
    this.losses = losses;
    this.budget = budget;
    this.heads = heads;
  }

  /** The record that {@link #next} found. */
  EtlRecord record() {
    return record;
  }

  /** Place of the current buffer in the session, to order records of equal times. */
  long sequence() {
    return heads.get(nextHead - 1).sequence();
  }

  /** Bytes of the file that were read so far. */
  long bytesRead() {
    return bytesRead;
  }

  /**
   * Where the first bytes lie that are no record: the offset of their buffer; -1 = there are none.
   */
  long firstUndecoded() {
    return firstUndecoded;
  }

  /** Goes to the next record; false after the last one. */
  boolean next() throws IOException {
    while (true) {
      if (at + 8 <= end && LittleEndian.i32(bytes, at) != END_OF_BUFFER) {
        int size = RecordParser.parse(bytes, at, end, record);
        if (size != RecordParser.UNKNOWN) {
          at += (size + 7) & ~7;
          return true;
        }
        // Without a size the next record cannot be found: the rest of the buffer is given up.
        undecoded(Cause.UNDECODED);
      }
      if (nextHead == heads.size()) {
        return false;
      }
      load(heads.get(nextHead++));
    }
  }

  private void undecoded(Cause cause) {
    losses.add(cause, 1);
    if (firstUndecoded < 0) {
      firstUndecoded = heads.get(nextHead - 1).offset();
    }
  }

  private void load(BufferHead head) throws IOException {
    at = BufferHead.BYTES;
    end = 0;
    bytesRead += head.size();
    if (!head.hasRecords()) {
      return;
    }
    if (!head.hasPossibleFilling()) {
      undecoded(Cause.BAD_BUFFERS);
      return;
    }
    if (bytes.length < head.filled()) {
      bytes = array(head, head.filled());
    }
    if (head.isCompressed()) {
      if (packed.length < head.size()) {
        packed = array(head, head.size());
      }
      read(packed, head, head.size());
      end =
          Xpress.unpack(
              packed, BufferHead.BYTES, head.size(), bytes, BufferHead.BYTES, head.filled());
      if (end == Xpress.CORRUPT) {
        undecoded(Cause.BAD_BUFFERS);
        end = 0;
      }
    } else {
      read(bytes, head, head.filled());
      end = head.filled();
    }
    record.bytes = bytes;
    record.processor = head.processor();
    record.bufferOffset = head.offset();
  }

  private byte[] array(BufferHead head, int size) throws IOException {
    if (!budget.take(size)) {
      throw new MalformedTraceException(
          file,
          "needs more than "
              + (Budget.BYTES >> 20)
              + " MiB for one buffer of each processor at once, at the buffer at byte "
              + head.offset()
              + "; let Java have more, such as KSTRACE_JAVA_OPTS=-Xmx4g");
    }
    return new byte[size];
  }

  private void read(byte[] into, BufferHead head, int length) throws IOException {
    ByteBuffer target = ByteBuffer.wrap(into, 0, length);
    while (target.hasRemaining()) {
      if (channel.read(target, head.offset() + target.position()) < 0) {
        throw new MalformedTraceException(
            file, "became shorter while it was read, at byte " + head.offset());
      }
    }
  }
}
