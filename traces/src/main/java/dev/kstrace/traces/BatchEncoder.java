package dev.kstrace.traces;

import com.google.flatbuffers.FlatBufferBuilder;
import java.io.Closeable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.arrow.flatbuf.BodyCompression;
import org.apache.arrow.flatbuf.BodyCompressionMethod;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.CompressionType;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * Lays out rows of an {@link EventBatch} as the body of an Arrow record batch.
 *
 * <p>Columns are copied in bulk. A column without nulls has no validity buffer; the value under a
 * null is zero, so that equal events give equal bytes whatever the row held before. Buffers are
 * reused from call to call. Not thread-safe.
 */
final class BatchEncoder implements Closeable {
  /**
   * Where a body begins, in memory and in the file: a copy between places that lie differently in
   * their cache lines takes half as long again.
   */
  static final int BODY_ALIGN = 64;

  /** Where a buffer begins in a body. */
  static final int ALIGN = 8;

  /** More than a row takes in all columns of fixed width with their validity. */
  private static final int BYTES_PER_ROW = 96;

  private static final byte[] ZEROS = new byte[1 << 12];

  private final FlatBufferBuilder header = new FlatBufferBuilder(4096);
  private ByteBuffer body = allocate(1 << 16);
  private ByteBuffer encoded = body;
  private long[] nodes = new long[64];
  private int nodeCount;
  private long[] buffers = new long[128];
  private int bufferCount;
  private int headerOffset;

  private EventBatch batch = new EventBatch(1);
  private int from;
  private int rows;

  /** Bits of the columns that every row has, and of those that some row has. */
  private int everywhere;

  private int somewhere;

  /** Compresses the bodies; null where they stay as they are. */
  private final @Nullable BodyCompressor compressor;

  BatchEncoder(Compression compression) {
    compressor = compression == Compression.ZSTD ? new BodyCompressor() : null;
  }

  /** A direct buffer that begins where bodies do. */
  static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocateDirect(bytes + BODY_ALIGN)
        .alignedSlice(BODY_ALIGN)
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The body of the rows encoded last, ready to be read. */
  ByteBuffer body() {
    return encoded;
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
    reserve((long) rows * BYTES_PER_ROW + 4096);
    int everywhere = 0xFFFF;
    int somewhere = 0;
    for (int row = from; row < from + rows; row++) {
      everywhere &= batch.present[row];
      somewhere |= batch.present[row];
    }
    this.batch = batch;
    this.from = from;
    this.rows = rows;
    this.everywhere = everywhere;
    this.somewhere = somewhere;
    longs(batch.seq, 0);
    bytes(batch.op, 0);
    bytes(batch.layer, 0);
    longs(batch.tEntry, 0);
    longs(batch.tExit, EventBatch.T_EXIT);
    ints(batch.thread, EventBatch.THREAD);
    bytes(batch.irqlEntry, EventBatch.IRQL_ENTRY);
    bytes(batch.irqlExit, EventBatch.IRQL_EXIT);
    longs(batch.pin, EventBatch.PIN);
    longs(batch.context, EventBatch.CONTEXT);
    longs(batch.frame, EventBatch.FRAME);
    longs(batch.size, EventBatch.SIZE);
    ints(batch.status, EventBatch.STATUS);
    framing();
    detail();
    body.flip();
    encoded = compressor == null ? body : compressor.compress(body, buffers, bufferCount);
    finishHeader();
  }

  private void finishHeader() {
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
    int compression =
        compressor == null
            ? 0
            : BodyCompression.createBodyCompression(
                header, CompressionType.ZSTD, BodyCompressionMethod.BUFFER);
    headerOffset = RecordBatch.createRecordBatch(header, rows, nodesAt, buffersAt, compression, 0);
  }

  /** Writes node and validity of a column; bit 0 stands for a column without nulls. */
  private void validity(int bit) {
    int start = body.position();
    int known = rows;
    if (isSparse(bit)) {
      int shift = Integer.numberOfTrailingZeros(bit);
      short[] present = batch.present;
      known = 0;
      for (int i = 0; i < rows; i += Long.SIZE) {
        long bits = 0;
        for (int k = Math.min(Long.SIZE, rows - i) - 1; k >= 0; k--) {
          bits = bits << 1 | (present[from + i + k] >>> shift & 1);
        }
        known += Long.bitCount(bits);
        body.putLong(bits);
      }
      body.position(start + bitmapBytes(rows));
    }
    node(rows, rows - known);
    buffer(start);
  }

  /** Whether some row has no value in a column. */
  private boolean isSparse(int bit) {
    return (everywhere & bit) != bit;
  }

  /** Whether no row has a value in a column: its values are zeros, quickly written. */
  private boolean isEmpty(int bit) {
    return bit != 0 && (somewhere & bit) == 0;
  }

  private boolean isNull(int i, int bit) {
    return (batch.present[from + i] & bit) == 0;
  }

  private void longs(long[] values, int bit) {
    validity(bit);
    int start = body.position();
    if (isEmpty(bit)) {
      zeros(rows * Long.BYTES);
    } else {
      body.asLongBuffer().put(values, from, rows);
      for (int i = 0; i < rows && isSparse(bit); i++) {
        if (isNull(i, bit)) {
          body.putLong(start + i * Long.BYTES, 0);
        }
      }
      body.position(start + rows * Long.BYTES);
    }
    buffer(start);
  }

  private void ints(int[] values, int bit) {
    validity(bit);
    int start = body.position();
    if (isEmpty(bit)) {
      zeros(rows * Integer.BYTES);
    } else {
      body.asIntBuffer().put(values, from, rows);
      for (int i = 0; i < rows && isSparse(bit); i++) {
        if (isNull(i, bit)) {
          body.putInt(start + i * Integer.BYTES, 0);
        }
      }
      body.position(start + rows * Integer.BYTES);
    }
    buffer(start);
  }

  private void bytes(byte[] values, int bit) {
    validity(bit);
    int start = body.position();
    if (isEmpty(bit)) {
      zeros(rows);
    } else {
      body.put(values, from, rows);
      for (int i = 0; i < rows && isSparse(bit); i++) {
        if (isNull(i, bit)) {
          body.put(start + i, (byte) 0);
        }
      }
    }
    buffer(start);
  }

  private void framing() {
    int known = objectValidity(batch.framing);
    reserve((rows + 1L) * Integer.BYTES + (long) known * (Framing.BYTES + ALIGN) + 64);
    int start = body.position();
    if (known == 0) {
      zeros((rows + 1) * Integer.BYTES);
    } else {
      int offset = 0;
      body.putInt(0);
      for (int row = from; row < from + rows; row++) {
        if (batch.framing[row] != null) {
          offset++;
        }
        body.putInt(offset);
      }
    }
    buffer(start);
    node(known, 0);
    buffer(body.position());
    for (int member = 0; member < TraceSchema.FRAMING_FIELDS.size(); member++) {
      node(known, 0);
      buffer(body.position());
      start = body.position();
      for (int row = from; row < from + rows && known > 0; row++) {
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

  private void detail() {
    int known = objectValidity(batch.detail);
    reserve((rows + 1L) * Integer.BYTES + ALIGN);
    int offsets = body.position();
    zeros((rows + 1) * Integer.BYTES);
    buffer(offsets);
    int start = body.position();
    for (int i = 0; i < rows && known > 0; i++) {
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
  private int objectValidity(Object[] values) {
    int start = body.position();
    int known = 0;
    zeros(bitmapBytes(rows));
    for (int i = 0; i < rows; i++) {
      if (values[from + i] != null) {
        known++;
        int at = start + i / Byte.SIZE;
        body.put(at, (byte) (body.get(at) | 1 << i % Byte.SIZE));
      }
    }
    node(rows, rows - known);
    buffer(start);
    return known;
  }

  private static int bitmapBytes(int rows) {
    return (rows + 7) / 8;
  }

  private void zeros(int bytes) {
    for (int rest = bytes; rest > 0; rest -= ZEROS.length) {
      body.put(ZEROS, 0, Math.min(rest, ZEROS.length));
    }
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
    pad(body);
  }

  /** Fills up with zeros to where a buffer may begin. */
  static void pad(ByteBuffer body) {
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

  @Override
  public void close() {
    if (compressor != null) {
      compressor.close();
    }
  }
}
