package dev.kstrace.traces;

import dev.kstrace.traces.BatchDecoder.Field;
import dev.kstrace.traces.SchemaReader.Layout;
import dev.kstrace.traces.SchemaReader.Slot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Set;
import org.apache.arrow.flatbuf.BodyCompression;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.CompressionType;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * Checks the header of one record batch against its body and hands each column its buffers.
 *
 * <p>After {@link #open} every buffer lies inside the body and is long enough for the rows that the
 * batch claims, so that decoding cannot read anything else.
 */
final class BatchOpener {
  private static final int LENGTH_PREFIX = 8;
  private static final int MAX_VARIADIC = 1 << 20;

  /**
   * A batch may grow by this factor when it is decompressed, or to {@link #ALWAYS_ALLOWED}: real
   * traces grow tenfold, but a hostile file of megabytes could keep a reader busy for days.
   */
  private static final long MAX_GROWTH = 1000;

  private static final long ALWAYS_ALLOWED = 1 << 20;

  private final Layout layout;
  private final Set<Column> wanted;
  private final RecordBatch header;
  private final long bodyBytes;
  private final long rows;
  private final boolean compressed;
  private final BatchDecoder decoder;
  private @Nullable FileChannel channel;
  private long bodyAt;
  private @Nullable ByteBuffer body;
  private int node;
  private int buffer;
  private int variadic;
  private long items;
  private long decompressedBytes;

  BatchOpener(
      Layout layout, Set<Column> wanted, RecordBatch header, long bodyBytes, ByteBuffer scratch)
      throws IOException {
    this.layout = layout;
    this.wanted = wanted;
    this.header = header;
    this.bodyBytes = bodyBytes;
    this.rows = header.length();
    this.compressed = isCompressed(header);
    this.decoder = new BatchDecoder(layout.large(), scratch);
    if (rows < 0) {
      throw new IOException("it claims " + rows + " rows");
    }
  }

  private static boolean isCompressed(RecordBatch header) throws IOException {
    BodyCompression compression = header.compression();
    if (compression == null) {
      return false;
    }
    if (compression.codec() != CompressionType.ZSTD) {
      throw new IOException("its body is LZ4-compressed; expected no compression or ZSTD");
    }
    return true;
  }

  /**
   * Says where the body is.
   *
   * @param inMemory the whole body from index 0 on, or null to read it from the file
   */
  BatchOpener over(FileChannel file, long at, @Nullable ByteBuffer inMemory) {
    channel = file;
    bodyAt = at;
    body = inMemory;
    return this;
  }

  BatchDecoder open() throws IOException {
    try {
      openColumns();
      return decoder;
    } catch (IOException | RuntimeException e) {
      decoder.close();
      throw e;
    }
  }

  private void openColumns() throws IOException {
    for (Slot slot : layout.slots()) {
      Column column = slot.column();
      if (column == null || !wanted.contains(column)) {
        skip(slot);
      } else if (slot.member() == -2) {
        items();
      } else if (slot.member() >= 0) {
        member(slot.member());
      } else {
        top(column);
      }
    }
  }

  private void skip(Slot slot) throws IOException {
    nextNode();
    buffer += slot.buffers();
    if (slot.variadic()) {
      long count =
          variadic < header.variadicBufferCountsLength()
              ? header.variadicBufferCounts(variadic++)
              : -1;
      if (count < 0 || count > MAX_VARIADIC) {
        throw new IOException("a view column without its buffer count");
      }
      buffer += (int) count;
    }
  }

  private void top(Column column) throws IOException {
    requireRows(column, nextNode().length());
    BitSource validity = validity(column.columnName(), rows);
    switch (column.kind) {
      case UTF8 -> {
        decoder.put(column, new Field(validity, offsets(column)));
        Opened bytes = source("detail");
        decoder.putDetailBytes(bytes.source(), bytes.length());
      }
      case FRAMING_LIST -> decoder.put(column, new Field(validity, offsets(column)));
      default ->
          decoder.put(
              column, new Field(validity, fixed(column.columnName(), rows, column.kind.bytes)));
    }
  }

  private void requireRows(Column column, long length) throws IOException {
    if (length != rows) {
      throw new IOException(
          "column " + column.columnName() + " has " + length + " values, expected " + rows);
    }
  }

  private void items() throws IOException {
    long length = nextNode().length();
    if (length < 0) {
      throw new IOException("column framing has " + length + " items");
    }
    items = length;
    decoder.putFramingItems(validity("framing", length), length);
  }

  private void member(int member) throws IOException {
    String name = "framing." + TraceSchema.FRAMING_FIELDS.get(member);
    if (nextNode().length() < items) {
      throw new IOException("column " + name + " has fewer values than framing has items");
    }
    BitSource validity = validity(name, items);
    decoder.putFramingMember(member, new Field(validity, fixed(name, items, Integer.BYTES)));
  }

  private FieldNode nextNode() throws IOException {
    if (node >= header.nodesLength()) {
      throw new IOException("it has fewer columns than the schema");
    }
    return header.nodes(node++);
  }

  private @Nullable BitSource validity(String name, long values) throws IOException {
    long nulls = header.nodes(node - 1).nullCount();
    Opened opened = source(name);
    if (opened.length() == 0) {
      if (nulls != 0 && values != 0) {
        throw new IOException("column " + name + " has nulls but no validity buffer");
      }
      return null;
    }
    requireLength(name, opened, (values + 7) / 8);
    return new BitSource(opened.source(), values);
  }

  private ByteSource offsets(Column column) throws IOException {
    int width = layout.large().getOrDefault(column, false) ? Long.BYTES : Integer.BYTES;
    if (rows == 0) {
      return source(column.columnName()).source();
    }
    return fixed(column.columnName(), rows + 1, width);
  }

  private ByteSource fixed(String name, long values, int width) throws IOException {
    if (values > Long.MAX_VALUE / width) {
      throw new IOException("column " + name + " claims " + values + " values");
    }
    Opened opened = source(name);
    requireLength(name, opened, values * width);
    return opened.source();
  }

  private static void requireLength(String name, Opened opened, long needed) throws IOException {
    if (opened.length() < needed) {
      throw new IOException(
          "column " + name + " has " + opened.length() + " bytes, expected " + needed);
    }
  }

  /** A buffer with its length after decompression. */
  private record Opened(ByteSource source, long length) {}

  private Opened source(String name) throws IOException {
    if (buffer >= header.buffersLength()) {
      throw new IOException("it has fewer buffers than the schema needs");
    }
    Buffer where = header.buffers(buffer++);
    long offset = where.offset();
    long length = where.length();
    if (offset < 0 || length < 0 || offset > bodyBytes || length > bodyBytes - offset) {
      throw new IOException(
          "column "
              + name
              + " lies at "
              + offset
              + " with "
              + length
              + " bytes, outside a body of "
              + bodyBytes);
    }
    if (!compressed || length == 0) {
      return new Opened(decoder.own(raw(offset, length)), length);
    }
    if (length < LENGTH_PREFIX) {
      throw new IOException("column " + name + " has a compressed buffer without a length");
    }
    ByteBuffer prefix = ByteBuffer.allocate(LENGTH_PREFIX).order(ByteOrder.LITTLE_ENDIAN);
    raw(offset, LENGTH_PREFIX).read(prefix);
    long plain = prefix.getLong(0);
    ByteSource rest = decoder.own(raw(offset + LENGTH_PREFIX, length - LENGTH_PREFIX));
    if (plain == -1) {
      return new Opened(rest, length - LENGTH_PREFIX);
    }
    if (plain < 0) {
      throw new IOException("column " + name + " claims " + plain + " bytes uncompressed");
    }
    long most = Math.max(ALWAYS_ALLOWED, MAX_GROWTH * bodyBytes);
    if (plain > most - decompressedBytes) {
      throw new IOException(
          "column "
              + name
              + " claims "
              + plain
              + " bytes uncompressed, expected at most "
              + MAX_GROWTH
              + " times the "
              + bodyBytes
              + " bytes of the whole body");
    }
    decompressedBytes += plain;
    return new Opened(
        decoder.own(new ByteSource.OfZstd(rest, length - LENGTH_PREFIX, plain)), plain);
  }

  private ByteSource raw(long offset, long length) {
    ByteBuffer inMemory = body;
    if (inMemory != null) {
      return new ByteSource.OfMemory(inMemory, (int) offset, (int) length);
    }
    if (channel == null) {
      throw new IllegalStateException("no body");
    }
    return new ByteSource.OfFile(channel, bodyAt + offset, length);
  }
}
