package dev.kstrace.traces;

import dev.kstrace.traces.TraceReader.Framed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * What stands at a byte of a file that may be broken anywhere: a message, the end mark, or the
 * header of a torn batch. Says null, false or -1 where another reader throws. Not thread-safe.
 */
final class TraceBytes {
  private static final int PREFIX = 2 * Integer.BYTES;

  private final FileChannel channel;
  private final TraceReader messages;
  private final long fileBytes;
  private long end;

  /** All of a file; {@link #endAt} says where its batches end once a footer was found. */
  TraceBytes(FileChannel channel, TraceReader messages) throws IOException {
    this.channel = channel;
    this.messages = messages;
    fileBytes = channel.size();
    end = fileBytes;
  }

  FileChannel channel() {
    return channel;
  }

  long fileBytes() {
    return fileBytes;
  }

  /** Where the batches end: where the footer begins, or the file ends. */
  long end() {
    return end;
  }

  void endAt(long footer) {
    end = footer;
  }

  /** The message that begins there and ends before the footer; null = there is none. */
  @Nullable Framed message(long at) throws IOException {
    try {
      Framed framed = messages.message(at);
      return framed == null || framed.end() > end ? null : framed;
    } catch (MalformedTraceException | RuntimeException e) {
      return null;
    }
  }

  boolean isEndMark(long at) throws IOException {
    ByteBuffer mark = get(at, PREFIX);
    return at + PREFIX <= end && mark.getInt(0) == -1 && mark.getInt(Integer.BYTES) == 0;
  }

  /** Whether a message begins here, or the batches end. */
  boolean isBoundary(long at) throws IOException {
    return at == end || isEndMark(at) || message(at) != null || claimedRows(at) >= 0;
  }

  /** Rows that the header of a batch claims; -1 where it cannot be read. */
  static long claimedRows(Message message) {
    try {
      RecordBatch header = (RecordBatch) message.header(new RecordBatch());
      return header == null || header.length() < 0 ? -1 : header.length();
    } catch (RuntimeException e) {
      return -1;
    }
  }

  /** Rows that the header of a torn batch claims; -1 where not even the header is whole. */
  long claimedRows(long at) throws IOException {
    ByteBuffer prefix = get(at, PREFIX);
    int length = prefix.getInt(Integer.BYTES);
    if (prefix.getInt(0) != -1
        || length <= 0
        || length > Resync.MOST_METADATA
        || at + PREFIX + length > fileBytes) {
      return -1;
    }
    try {
      Message message = Message.getRootAsMessage(get(at + PREFIX, length));
      return message.headerType() == MessageHeader.RecordBatch ? claimedRows(message) : -1;
    } catch (RuntimeException e) {
      return -1;
    }
  }

  /** So many bytes from an offset on; behind the end of the file they are zero. */
  ByteBuffer get(long at, int count) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    long offset = at;
    while (target.hasRemaining()) {
      int n = channel.read(target, offset);
      if (n < 0) {
        break;
      }
      offset += n;
    }
    return target.clear();
  }
}
