package dev.kstrace.traces;

import dev.kstrace.traces.TraceReader.Framed;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * Compares the buffers of a batch with its body: they lie side by side and fill it, but for
 * padding. The checksum covers the body only, so nothing else would notice a broken header, which
 * readers would follow to other bytes than the writer meant.
 */
final class BodyLayout {
  /** Bytes between buffers are fewer: Arrow pads to 8 or 64. */
  private static final int MOST_PADDING = 64;

  private BodyLayout() {}

  /** What is wrong with the header of a record batch, or null. */
  static @Nullable String fault(Framed framed) {
    long body = framed.end() - framed.bodyAt();
    long at = 0;
    try {
      RecordBatch header = (RecordBatch) framed.message().header(new RecordBatch());
      if (header == null) {
        return null; // the reader says so
      }
      for (int i = 0; i < header.buffersLength(); i++) {
        Buffer buffer = header.buffers(i);
        if (buffer.length() != 0 && !isNext(at, buffer.offset())) {
          return "its header is broken: buffer "
              + i
              + " begins at "
              + buffer.offset()
              + ", expected "
              + at
              + " or a little more";
        }
        at = buffer.length() == 0 ? at : buffer.offset() + buffer.length();
      }
    } catch (RuntimeException e) {
      return "its metadata are broken";
    }
    return isNext(at, body)
        ? null
        : "its header is broken: the buffers end at " + at + ", the body at " + body;
  }

  private static boolean isNext(long end, long next) {
    return next >= end && next - end < MOST_PADDING;
  }
}
