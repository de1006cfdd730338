package dev.kstrace.traces;

import com.google.flatbuffers.FlatBufferBuilder;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flatbuf.Block;
import org.apache.arrow.flatbuf.Footer;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;

/**
 * Writes a trace as an Arrow IPC file, one record batch a call, so that whatever was written before
 * a crash can be read back.
 *
 * <pre>
 *   ARROW1 00 00
 *   schema message
 *   record batch message, body          (repeated)
 *   FFFFFFFF 00000000                   end of stream
 *   footer, its length, ARROW1
 * </pre>
 *
 * Every batch carries the CRC-32C of its body and of its header. The bytes depend on the events,
 * the metadata and how the rows are cut into calls, and on nothing else. Not thread-safe.
 */
public final class TraceWriter implements Closeable {
  /** Rows of a batch that recorders aim for: small while recording, large enough to scan fast. */
  public static final int BATCH_ROWS = 16_384;

  /** The key of a batch's checksum in the custom metadata of its message. */
  static final String CRC_KEY = "kstrace.crc32c";

  static final byte[] MAGIC = "ARROW1".getBytes(StandardCharsets.US_ASCII);

  private static final int CONTINUATION = 0xFFFFFFFF;
  private static final byte[] NOTHING = {};

  private final WritableByteChannel channel;
  private final BatchEncoder encoder;
  private TraceMetadata metadata;
  private final List<Written> blocks = new ArrayList<>();
  private long position;
  private boolean closed;

  private record Written(long offset, int metadataBytes, long bodyBytes) {}

  private TraceWriter(WritableByteChannel channel, TraceMetadata metadata, Compression compression)
      throws IOException {
    this.channel = channel;
    this.metadata = metadata;
    FlatBufferBuilder builder = new FlatBufferBuilder(1024);
    int schema = TraceSchema.build(builder, metadata);
    // In one piece, so that no process dies between the two.
    send(
        message(
            ByteBuffer.allocate(8).put(MAGIC).array(),
            builder,
            MessageHeader.Schema,
            schema,
            0,
            0));
    encoder = new BatchEncoder(compression);
  }

  /**
   * Creates a trace file and writes its schema.
   *
   * @param file where to write
   * @param metadata stored in the schema
   * @param overwrite whether an existing file is replaced
   * @throws java.nio.file.FileAlreadyExistsException if the file exists and {@code overwrite} is
   *     false
   * @throws IOException if the file cannot be created or written
   */
  public static TraceWriter create(Path file, TraceMetadata metadata, boolean overwrite)
      throws IOException {
    return create(file, metadata, overwrite, Compression.NONE);
  }

  /**
   * As {@link #create(Path, TraceMetadata, boolean)}, with record batches stored in a way of the
   * caller's choice.
   */
  public static TraceWriter create(
      Path file, TraceMetadata metadata, boolean overwrite, Compression compression)
      throws IOException {
    FileChannel channel =
        overwrite
            ? FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)
            : FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    return onto(channel, metadata, compression);
  }

  /**
   * Writes a trace to a channel, which is closed with the writer.
   *
   * @throws IOException if the schema cannot be written; the channel is then closed
   */
  public static TraceWriter onto(
      WritableByteChannel channel, TraceMetadata metadata, Compression compression)
      throws IOException {
    try {
      return new TraceWriter(channel, metadata, compression);
    } catch (IOException | RuntimeException e) {
      try {
        channel.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /**
   * Writes rows as one record batch, as several where their texts are too long for one; no rows
   * write nothing.
   *
   * @param batch where the rows are; not changed
   * @param fromRow first row
   * @param rows how many rows
   * @throws IOException if the channel fails, or if a detail is longer than 16 MiB; what was
   *     written before stays readable
   */
  public void write(EventBatch batch, int fromRow, int rows) throws IOException {
    if (rows == 0) {
      return;
    }
    int fitting = TextLimits.rowsThatFit(batch, fromRow, rows);
    if (fitting < rows) {
      write(batch, fromRow, fitting);
      write(batch, fromRow + fitting, rows - fitting);
      return;
    }
    encoder.encode(batch, fromRow, rows);
    ByteBuffer body = encoder.body();
    long bodyBytes = body.remaining();
    FlatBufferBuilder builder = encoder.header();
    ByteBuffer message =
        message(
            NOTHING,
            builder,
            MessageHeader.RecordBatch,
            encoder.headerOffset(),
            bodyBytes,
            Message.createCustomMetadataVector(
                builder, TraceSchema.keyValues(builder, checksums(body))));
    HeaderCrc.seal(message.slice(8, message.limit() - 8).order(ByteOrder.LITTLE_ENDIAN));
    Written block = new Written(position, message.remaining(), bodyBytes);
    send(message, body);
    blocks.add(block); // only now: a footer must not name a batch that is torn
  }

  private static Map<String, String> checksums(ByteBuffer body) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put(CRC_KEY, Crc.format(body));
    values.put(HeaderCrc.KEY, HeaderCrc.UNKNOWN);
    return values;
  }

  /** Writes all rows of a batch as one record batch, see {@link #write(EventBatch, int, int)}. */
  public void write(EventBatch batch) throws IOException {
    write(batch, 0, batch.rows());
  }

  /**
   * Replaces the metadata of the footer, for facts that are known only at the end. The schema at
   * the head of the file keeps what it says: it counts where a crash leaves no footer.
   */
  public void describe(TraceMetadata metadata) {
    this.metadata = metadata;
  }

  /** Bytes written so far. */
  public long position() {
    return position;
  }

  /**
   * Writes end mark and footer and closes the channel.
   *
   * @throws IOException if that fails; the file then reads as a cut trace
   */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (channel;
        encoder) {
      ByteBuffer end = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      send(end.putInt(CONTINUATION).putInt(0).flip());
      ByteBuffer footer = footer();
      int footerBytes = footer.remaining();
      ByteBuffer tail = ByteBuffer.allocate(4 + MAGIC.length).order(ByteOrder.LITTLE_ENDIAN);
      send(footer, tail.putInt(footerBytes).put(MAGIC).flip());
    }
  }

  /**
   * Closes the channel without a footer, as a crash would leave the file.
   *
   * @throws IOException if the channel cannot be closed
   */
  public void abort() throws IOException {
    closed = true;
    encoder.close();
    channel.close();
  }

  private ByteBuffer footer() {
    FlatBufferBuilder builder = new FlatBufferBuilder(1024);
    int schema = TraceSchema.build(builder, metadata);
    Footer.startDictionariesVector(builder, 0);
    int dictionaries = builder.endVector();
    Footer.startRecordBatchesVector(builder, blocks.size());
    for (int i = blocks.size() - 1; i >= 0; i--) {
      Written block = blocks.get(i);
      Block.createBlock(builder, block.offset(), block.metadataBytes(), block.bodyBytes());
    }
    int batches = builder.endVector();
    builder.finish(
        Footer.createFooter(builder, MetadataVersion.V5, schema, dictionaries, batches, 0));
    return builder.dataBuffer();
  }

  /**
   * The framed message: continuation mark, padded length, table, padding up to the body.
   *
   * @param before bytes of the file in front of it
   */
  private ByteBuffer message(
      byte[] before,
      FlatBufferBuilder builder,
      byte type,
      int header,
      long bodyBytes,
      int customMetadata) {
    builder.finish(
        Message.createMessage(
            builder, MetadataVersion.V5, type, header, bodyBytes, customMetadata));
    ByteBuffer table = builder.dataBuffer();
    long end = position + before.length + 8 + table.remaining();
    int padded = table.remaining() + (int) (-end & (BatchEncoder.BODY_ALIGN - 1));
    ByteBuffer message =
        ByteBuffer.allocate(before.length + 8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    message.put(before).putInt(CONTINUATION).putInt(padded).put(table);
    return message.rewind();
  }

  private void send(ByteBuffer... parts) throws IOException {
    for (ByteBuffer part : parts) {
      while (part.hasRemaining()) {
        position += channel.write(part);
      }
    }
  }
}
