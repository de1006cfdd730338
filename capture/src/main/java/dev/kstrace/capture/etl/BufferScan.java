package dev.kstrace.capture.etl;

import dev.kstrace.capture.imports.LossLedger;
import dev.kstrace.capture.imports.LossLedger.Cause;
import dev.kstrace.traces.MalformedTraceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Walks from buffer head to buffer head, so that memory holds heads and no buffers. */
final class BufferScan {
  /** So that heads take a few hundred megabytes at most: 256 GB of usual buffers. */
  private static final int MAX_BUFFERS = 1 << 22;

  private final Path file;
  private final FileChannel channel;
  private final LossLedger losses;
  private final ByteBuffer bytes = ByteBuffer.allocate(BufferHead.BYTES);

  BufferScan(Path file, FileChannel channel, LossLedger losses) {
    this.file = file;
    this.channel = channel;
    this.losses = losses;
  }

  /** All complete buffers in the order of the file; what follows them is counted as torn. */
  List<BufferHead> run() throws IOException {
    long end = channel.size();
    List<BufferHead> heads = new ArrayList<>();
    long offset = 0;
    while (end - offset >= BufferHead.BYTES) {
      readHead(offset);
      BufferHead head = BufferHead.parse(bytes.array(), offset);
      if (isZero() && offset > 0) {
        break; // a file that was laid out in advance and not filled to its end
      }
      if (!head.hasPossibleSize()) {
        throw new MalformedTraceException(
            file,
            "is no readable .etl file: the buffer at byte "
                + offset
                + " has BufferSize="
                + Integer.toUnsignedString(head.size())
                + ", expected "
                + BufferHead.BYTES
                + " to "
                + BufferHead.MAX_BYTES);
      }
      if (head.size() > end - offset) {
        break;
      }
      if (heads.size() == MAX_BUFFERS) {
        throw new MalformedTraceException(
            file,
            "has more than "
                + MAX_BUFFERS
                + " buffers, the last at byte "
                + offset
                + "; record with larger buffers, such as 64 KB");
      }
      heads.add(head);
      offset += head.size();
    }
    losses.set(Cause.TORN_BYTES, end - offset);
    return heads;
  }

  private void readHead(long offset) throws IOException {
    bytes.clear();
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, offset + bytes.position()) < 0) {
        throw new MalformedTraceException(
            file, "became shorter while it was read, at byte " + offset);
      }
    }
  }

  private boolean isZero() {
    for (byte b : bytes.array()) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Counts the numbers that are missing among the buffers.
   *
   * @param overwritten whether the beginning of the file may have been overwritten or lie in
   *     another file, so that a hole behind its header is no loss
   */
  static void countGaps(List<BufferHead> heads, boolean overwritten, LossLedger losses) {
    long[] sequences = heads.stream().mapToLong(BufferHead::sequence).sorted().toArray();
    for (int i = 1; i < sequences.length; i++) {
      long step = sequences[i] - sequences[i - 1];
      if (step == 0 || step == 1) {
        continue;
      }
      if (overwritten && i == 1) {
        losses.setUnknown(Cause.HEAD_MISSING);
      } else {
        losses.add(Cause.BUFFER_GAPS, step - 1);
      }
    }
  }
}
