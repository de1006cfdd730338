package dev.kstrace.traces;

import com.google.flatbuffers.FlatBufferBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.RecordBatch;

/**
 * Lays out rows of an {@link EventBatch} as the body of an Arrow record batch.
 *
 * <p>Columns are copied in bulk. A column without nulls has no validity buffer; the value under a
 * null is zero, so that equal events give equal bytes whatever the row held before. Buffers are
 * reused from call to call. Not thread-safe.
 */
final class BatchEncoder {
  private static final int ALIGN = 8;

  private final FlatBufferBuilder header = new FlatBufferBuilder(4096);
  private ByteBuffer body = allocate(1 << 16);
  private long[] nodes = new long[64];
  private int nodeCount;
  private long[] buffers = new long[128];
  private int bufferCount;
  private int headerOffset;

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The body of the rows encoded last, ready to be read. */
  ByteBuffer body() {
    return body;
  }

  /** The builder that holds the record batch header; the caller adds the message around it. */
  FlatBufferBuilder header() {
    return header;
  }

  /** Offset of the record batch table in {@link #header}. */
  int headerOffset() {
    return headerOffset;
  }

  void encode(EventBatch batch, int from, int rows) {
    nodeCount = 0;
    bufferCount = 0;
    body.clear();
    reserve((long) rows * 96 + 4096);
    int all = 0xFFFF;
    for (int row = from; row < from + rows; row++) {
      all &= batch.present[row];
    }
    longs(batch, batch.seq, 0, from, rows, all);
    bytes(batch, batch.op, 0, from, rows, all);
    bytes(batch, batch.layer, 0, from, rows, all);
    longs(batch, batch.tEntry, 0, from, rows, all);
    longs(batch, batch.tExit, EventBatch.T_EXIT, from, rows, all);
    ints(batch, batch.thread, EventBatch.THREAD, from, rows, all);
    bytes(batch, batch.irqlEntry, EventBatch.IRQL_ENTRY, from, rows, all);
    bytes(batch, batch.irqlExit, EventBatch.IRQL_EXIT, from, rows, all);
    longs(batch, batch.pin, EventBatch.PIN, from, rows, all);
    longs(batch, batch.context, EventBatch.CONTEXT, from, rows, all);
    longs(batch, batch.frame, EventBatch.FRAME, from, rows, all);
    longs(batch, batch.size, EventBatch.SIZE, from, rows, all);
    ints(batch, batch.status, EventBatch.STATUS, from, rows, all);
    framing(batch, from, rows);
    detail(batch, from, rows);
    body.flip();
    finishHeader(rows);
  }

  private void finishHeader(int rows) {
    header.clear();
    RecordBatch.startNodesVector(header, nodeCount);
    for (int i = nodeCount - 1; i >= 0; i--) {
      FieldNode.createFieldNode(header, nodes[2 * i], nodes[2 * i + 1]);
    }
    int nodesAt = header.endVector();
    RecordBatch.startBuffersVector(header, bufferCount);
    for (int i = bufferCount - 1; i >= 0; i--) {
      Buffer.createBuffer(header, buffers[2 * i], buffers[2 * i + 1]);
    }
    int buffersAt = header.endVector();
    headerOffset = RecordBatch.createRecordBatch(header, rows, nodesAt, buffersAt, 0, 0);
  }

  /** Writes node and validity of a column; true if every value is known (bit 0 = never null). */
  private boolean validity(EventBatch batch, int bit, int from, int rows, int all) {
    if ((all & bit) == bit) {
      node(rows, 0);
      buffer(body.position());
      return true;
    }
    int start = body.position();
    int nulls = 0;
    for (int i = 0; i < rows; i += 8) {
      int bits = 0;
      for (int k = 0; k < 8 && i + k < rows; k++) {
        if ((batch.present[from + i + k] & bit) != 0) {
          bits |= 1 << k;
        } else {
          nulls++;
        }
      }
      body.put((byte) bits);
    }
    node(rows, nulls);
    buffer(start);
    return false;
  }

  private void longs(EventBatch batch, long[] values, int bit, int from, int rows, int all) {
    boolean whole = validity(batch, bit, from, rows, all);
    int start = body.position();
    if (whole) {
      body.asLongBuffer().put(values, from, rows);
      body.position(start + rows * Long.BYTES);
    } else {
      for (int row = from; row < from + rows; row++) {
        body.putLong((batch.present[row] & bit) != 0 ? values[row] : 0);
      }
    }
    buffer(start);
  }

  private void ints(EventBatch batch, int[] values, int bit, int from, int rows, int all) {
    boolean whole = validity(batch, bit, from, rows, all);
    int start = body.position();
    if (whole) {
      body.asIntBuffer().put(values, from, rows);
      body.position(start + rows * Integer.BYTES);
    } else {
      for (int row = from; row < from + rows; row++) {
        body.putInt((batch.present[row] & bit) != 0 ? values[row] : 0);
      }
    }
    buffer(start);
  }

  private void bytes(EventBatch batch, byte[] values, int bit, int from, int rows, int all) {
    boolean whole = validity(batch, bit, from, rows, all);
    int start = body.position();
    if (whole) {
      body.put(values, from, rows);
    } else {
      for (int row = from; row < from + rows; row++) {
        body.put((batch.present[row] & bit) != 0 ? values[row] : 0);
      }
    }
    buffer(start);
  }

  private void framing(EventBatch batch, int from, int rows) {
    int known = objectValidity(batch.framing, from, rows);
    reserve((rows + 1L) * Integer.BYTES + (long) known * (Framing.BYTES + ALIGN) + 64);
    int start = body.position();
    int offset = 0;
    body.putInt(0);
    for (int row = from; row < from + rows; row++) {
      if (batch.framing[row] != null) {
        offset++;
      }
      body.putInt(offset);
    }
    buffer(start);
    node(known, 0);
    buffer(body.position());
    for (int member = 0; member < TraceSchema.FRAMING_FIELDS.size(); member++) {
      node(known, 0);
      buffer(body.position());
      start = body.position();
      for (int row = from; row < from + rows; row++) {
        Framing framing = batch.framing[row];
        if (framing != null) {
          body.putInt(member(framing, member));
        }
      }
      buffer(start);
    }
  }

  private static int member(Framing framing, int member) {
    return switch (member) {
      case 0 -> framing.optionsFlags();
      case 1 -> framing.poolType();
      case 2 -> framing.frames();
      case 3 -> framing.frameSize();
      case 4 -> framing.fileAlignment();
      default -> framing.reserved();
    };
  }

  private void detail(EventBatch batch, int from, int rows) {
    objectValidity(batch.detail, from, rows);
    reserve((rows + 1L) * Integer.BYTES + ALIGN);
    int offsets = body.position();
    body.position(offsets + (rows + 1) * Integer.BYTES);
    buffer(offsets);
    int start = body.position();
    body.putInt(offsets, 0);
    for (int i = 0; i < rows; i++) {
      String text = batch.detail[from + i];
      if (text != null) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        reserve((long) utf8.length + ALIGN);
        body.put(utf8);
      }
      body.putInt(offsets + (i + 1) * Integer.BYTES, body.position() - start);
    }
    buffer(start);
  }

  /** Writes node and validity of an object column and returns how many values are known. */
  private int objectValidity(Object[] values, int from, int rows) {
    int start = body.position();
    int known = 0;
    for (int i = 0; i < rows; i += 8) {
      int bits = 0;
      for (int k = 0; k < 8 && i + k < rows; k++) {
        if (values[from + i + k] != null) {
          bits |= 1 << k;
          known++;
        }
      }
      body.put((byte) bits);
    }
    node(rows, rows - known);
    buffer(start);
    return known;
  }

  private void node(long length, long nulls) {
    if (2 * nodeCount == nodes.length) {
      nodes = Arrays.copyOf(nodes, 2 * nodes.length);
    }
    nodes[2 * nodeCount] = length;
    nodes[2 * nodeCount + 1] = nulls;
    nodeCount++;
  }

  /** Ends the buffer that began at {@code start} and pads the body for the next one. */
  private void buffer(int start) {
    if (2 * bufferCount == buffers.length) {
      buffers = Arrays.copyOf(buffers, 2 * buffers.length);
    }
    buffers[2 * bufferCount] = start;
    buffers[2 * bufferCount + 1] = (long) body.position() - start;
    bufferCount++;
    while ((body.position() & (ALIGN - 1)) != 0) {
      body.put((byte) 0);
    }
  }

  private void reserve(long bytes) {
    long needed = body.position() + bytes;
    if (needed > body.capacity()) {
      ByteBuffer larger = allocate(Math.toIntExact(Math.max(needed, 2L * body.capacity())));
      body.flip();
      larger.put(body);
      body = larger;
    }
  }
}
