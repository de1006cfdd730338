package dev.kstrace.traces;

import dev.kstrace.traces.SchemaReader.Layout;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.zip.CRC32C;
import org.apache.arrow.flatbuf.Footer;
import org.apache.arrow.flatbuf.KeyValue;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Reads a trace file from front to back, whoever wrote it.
 *
 * <p>With a valid footer the batches are those that it lists. Without one the file is read as an
 * Arrow stream from byte 8: every complete batch is recovered, and {@link #hasFooter} says so. No
 * length is believed before it was compared with the file; a batch whose checksum is present and
 * wrong is refused before anything else looks at it. Memory does not grow with the file or with the
 * size of its batches. Not thread-safe.
 */
public final class TraceReader implements Closeable {
  private static final int CONTINUATION = 0xFFFFFFFF;
  private static final int MAX_METADATA_BYTES = 1 << 24;
  private static final int MAX_FOOTER_BYTES = 1 << 28;
  private static final int BODY_IN_MEMORY = 1 << 24;

  /** Bytes of a body that are read at once: a part of what a processor keeps close by. */
  private static final int PIECE = 1 << 18;

  private static final int MAX_CUSTOM_METADATA = 1000;
  private static final int START = 8;

  private final Path file;
  private final FileChannel channel;
  private volatile long fileBytes;
  private final Set<Column> wanted;
  private final Layout layout;
  private final @Nullable Footer footer;
  private final ByteBuffer prefix = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
  private ByteBuffer body = ByteBuffer.allocateDirect(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

  /** Of all decoders: memory outside the heap is given back late where there is little garbage. */
  private final ByteBuffer scratch =
      ByteBuffer.allocateDirect(ByteSource.CHUNK).order(ByteOrder.LITTLE_ENDIAN);

  private volatile long position = START;
  private int batchIndex = -1;
  private int checkedBatches;
  private long tornBytes;
  private @Nullable BatchDecoder decoder;
  private long batchRowsLeft;
  private long batchOffset;

  /** One framed message: its table, what it holds, and where its body lies. */
  record Framed(Message message, byte type, long bodyAt, long end) {}

  private TraceReader(Path file, FileChannel channel, Set<Column> wanted) throws IOException {
    this.file = file;
    this.channel = channel;
    this.fileBytes = channel.size();
    this.wanted = wanted;
    // So that every batch has a column to compare its number of rows with.
    wanted.add(Column.OP);
    requireMagic();
    this.footer = readFooter();
    this.layout = readSchema();
  }

  /** A reader of single messages, for walks over files whose other parts may be broken. */
  TraceReader(Path file, FileChannel channel, Layout layout) throws IOException {
    this.file = file;
    this.channel = channel;
    this.fileBytes = channel.size();
    this.wanted = EnumSet.allOf(Column.class);
    this.footer = null;
    this.layout = layout;
    this.position = fileBytes;
  }

  /** Makes one record batch the next to read, and the last. */
  void only(Framed batch) throws IOException {
    closeDecoder();
    batchRowsLeft = 0;
    batchIndex++;
    begin(batch);
  }

  /**
   * Opens a trace with all its columns.
   *
   * @throws MalformedTraceException if the file is no trace of a version that this reader knows
   * @throws IOException if the file cannot be read
   */
  public static TraceReader open(Path file) throws IOException {
    return open(file, EnumSet.allOf(Column.class));
  }

  /**
   * Opens a trace and decodes some of its columns only. The others read as null; those of them that
   * cannot be null hold anything.
   *
   * @throws MalformedTraceException if the file is no trace of a version that this reader knows
   * @throws IOException if the file cannot be read
   */
  public static TraceReader open(Path file, Set<Column> wanted) throws IOException {
    if (Files.isDirectory(file)) {
      throw new MalformedTraceException(file, "is a directory; expected a trace file (*.arrow)");
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new TraceReader(file, channel, EnumSet.copyOf(wanted));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** The file as it was named. */
  public Path file() {
    return file;
  }

  /** The schema's metadata. */
  public TraceMetadata metadata() {
    return layout.metadata();
  }

  /** Whether the file has a column of the format; an absent one reads as null. */
  public boolean hasColumn(Column column) {
    return layout.has(column);
  }

  /** Whether the file ends in a valid footer; without one the trace counts as cut. */
  public boolean hasFooter() {
    return footer != null;
  }

  /** Record batches read so far. */
  public int batches() {
    return batchIndex + 1;
  }

  /** Record batches read so far whose checksum was present, and right. */
  public int checkedBatches() {
    return checkedBatches;
  }

  /** Bytes behind the last complete batch of a file without footer; known once all was read. */
  public long tornBytes() {
    return tornBytes;
  }

  /** Where the last batch ends that was read, in bytes; any thread may ask. */
  public long position() {
    return position;
  }

  /** Size of the file in bytes when it was opened, or at the last {@link #grow}. */
  public long fileBytes() {
    return fileBytes;
  }

  /**
   * Looks how long the file is by now, so that {@link #read} goes on where it has found the end of
   * a file that is still being written. Only whole batches are read, so the reader may come at any
   * moment.
   *
   * @throws MalformedTraceException if the file is shorter than what was read of it
   * @throws IOException if the file cannot be read
   */
  public void grow() throws IOException {
    long now = channel.size();
    if (now < position) {
      throw malformed("became shorter while it was read: another recording has begun");
    }
    fileBytes = now;
  }

  /**
   * Whether nothing can follow what was read: the writer has ended the file.
   *
   * @throws IOException if the file cannot be read
   */
  public boolean isComplete() throws IOException {
    Footer index = footer;
    if (index != null) {
      return batchRowsLeft == 0 && batchIndex + 1 >= index.recordBatchesLength();
    }
    if (batchRowsLeft > 0 || position > fileBytes - prefix.capacity()) {
      return false;
    }
    readFully(prefix.clear(), position, prefix.capacity());
    return prefix.getInt(0) == CONTINUATION && prefix.getInt(Integer.BYTES) == 0;
  }

  /**
   * Reads the next rows, at least one and at most the batch's capacity, replacing what it held.
   *
   * @return false at the end of the trace; the batch then has no rows
   * @throws MalformedTraceException if the file is damaged here
   * @throws IOException if the file cannot be read
   */
  public boolean read(EventBatch batch) throws IOException {
    while (batchRowsLeft == 0) {
      closeDecoder();
      if (!nextBatch()) {
        batch.clear();
        return false;
      }
    }
    int rows = (int) Math.min(batch.capacity(), batchRowsLeft);
    try {
      if (decoder == null) {
        throw new IllegalStateException("no decoder for a batch with rows");
      }
      decoder.decode(batch, rows);
    } catch (IOException | RuntimeException e) {
      throw damaged(e);
    }
    batchRowsLeft -= rows;
    return true;
  }

  private void requireMagic() throws IOException {
    ByteBuffer head = ByteBuffer.allocate(START);
    readFully(head, 0, Math.min(START, fileBytes));
    byte[] found = Arrays.copyOf(head.array(), TraceWriter.MAGIC.length);
    if (fileBytes == 0) {
      throw malformed("is empty; expected an Arrow IPC file that begins with ARROW1");
    }
    if (!Arrays.equals(found, TraceWriter.MAGIC)) {
      throw malformed(
          fileBytes >= Integer.BYTES && head.getInt(0) == CONTINUATION
              ? "is an Arrow IPC stream; expected an Arrow IPC file that begins with ARROW1"
              : "is not an Arrow file: it does not begin with ARROW1");
    }
  }

  /** The footer, or null where the file does not end in one. */
  @Nullable Footer readFooter() throws IOException {
    int tailBytes = Integer.BYTES + TraceWriter.MAGIC.length;
    if (fileBytes < START + tailBytes) {
      return null;
    }
    ByteBuffer tail = ByteBuffer.allocate(tailBytes).order(ByteOrder.LITTLE_ENDIAN);
    readFully(tail, fileBytes - tailBytes, tailBytes);
    byte[] magic = Arrays.copyOfRange(tail.array(), Integer.BYTES, tailBytes);
    long length = tail.getInt(0);
    long start = fileBytes - tailBytes - length;
    if (!Arrays.equals(magic, TraceWriter.MAGIC)) {
      return null;
    }
    if (length <= 0 || start < START || length > MAX_FOOTER_BYTES) {
      throw malformed("has a footer of " + length + " bytes, which the file cannot hold");
    }
    ByteBuffer table = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
    readFully(table, start, length);
    try {
      Footer read = Footer.getRootAsFooter(table);
      for (int i = 0; i < read.recordBatchesLength(); i++) {
        requireBlock(read.recordBatches(i).offset(), start, i);
      }
      return read;
    } catch (RuntimeException e) {
      throw malformed("has a damaged footer at byte " + start);
    }
  }

  private void requireBlock(long offset, long end, int index) throws MalformedTraceException {
    if (offset < START || offset > end) {
      throw malformed(
          "has a footer that places batch " + index + " at byte " + offset + ", outside the file");
    }
  }

  private Layout readSchema() throws IOException {
    try {
      Schema schema = footer != null ? footer.schema() : null;
      if (footer == null) {
        Framed first = message(START);
        if (first == null || first.type() != MessageHeader.Schema) {
          throw malformed("is an Arrow file without a schema; expected a trace");
        }
        schema = (Schema) first.message().header(new Schema());
        position = first.end();
      }
      if (schema == null) {
        throw malformed("is an Arrow file without a schema; expected a trace");
      }
      return SchemaReader.read(schema);
    } catch (SchemaReader.SchemaException e) {
      throw malformed(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      throw malformed("has a damaged schema");
    }
  }

  private boolean nextBatch() throws IOException {
    Footer index = footer;
    if (index == null) {
      return nextInStream();
    }
    if (batchIndex + 1 >= index.recordBatchesLength()) {
      return false;
    }
    batchIndex++;
    batchOffset = index.recordBatches(batchIndex).offset();
    if (batchOffset < position) {
      throw damaged(new IOException("the footer lists it before the end of the batch before it"));
    }
    Framed framed;
    try {
      framed = message(batchOffset);
    } catch (RuntimeException e) {
      throw damaged(e);
    }
    if (framed == null || framed.type() != MessageHeader.RecordBatch) {
      throw damaged(new IOException("the footer points at something that is no record batch"));
    }
    position = framed.end();
    begin(framed);
    return true;
  }

  private boolean nextInStream() throws IOException {
    while (true) {
      Framed framed;
      try {
        framed = message(position);
      } catch (RuntimeException e) {
        framed = null;
      }
      if (framed == null) {
        tornBytes = fileBytes - position;
        return false;
      }
      long at = position;
      position = framed.end();
      if (framed.type() == MessageHeader.RecordBatch) {
        batchIndex++;
        batchOffset = at;
        begin(framed);
        return true;
      }
    }
  }

  /** The message at an offset, or null where no complete one is. */
  @Nullable Framed message(long at) throws IOException {
    if (at < START || at > fileBytes - prefix.capacity()) {
      return null;
    }
    readFully(prefix.clear(), at, prefix.capacity());
    int mark = prefix.getInt(0);
    int length = prefix.getInt(Integer.BYTES);
    long bodyAt = at + prefix.capacity() + length;
    if (mark != CONTINUATION || length <= 0 || length > MAX_METADATA_BYTES || bodyAt > fileBytes) {
      return null;
    }
    ByteBuffer table = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    readFully(table, at + prefix.capacity(), length);
    Message message = Message.getRootAsMessage(table);
    if (message.version() < MetadataVersion.V4 || message.version() > MetadataVersion.V5) {
      throw malformed(
          "has Arrow metadata version " + message.version() + " at byte " + at + "; expected V5");
    }
    long bodyBytes = message.bodyLength();
    if (bodyBytes < 0 || bodyBytes > fileBytes - bodyAt) {
      return null;
    }
    return new Framed(message, message.headerType(), bodyAt, bodyAt + bodyBytes);
  }

  private void begin(Framed framed) throws IOException {
    try {
      boolean inMemory = framed.end() - framed.bodyAt() <= BODY_IN_MEMORY;
      String stored = storedCrc(framed.message());
      CRC32C crc = new CRC32C();
      if (inMemory) {
        loadBody(framed, stored == null ? null : crc);
      } else if (stored != null) {
        readBody(framed, crc);
      }
      if (stored != null) {
        requireCrc(stored, Crc.format(crc.getValue()));
      }
      RecordBatch header = (RecordBatch) framed.message().header(new RecordBatch());
      if (header == null) {
        throw new IOException("a record batch without a header");
      }
      BatchOpener opener =
          new BatchOpener(layout, wanted, header, framed.end() - framed.bodyAt(), scratch)
              .over(channel, framed.bodyAt(), inMemory ? body : null);
      decoder = opener.open();
      batchRowsLeft = header.length();
    } catch (IOException | RuntimeException e) {
      throw damaged(e);
    }
  }

  /** Fetches a body in pieces, so that the processor still has each when it is summed up. */
  private void loadBody(Framed framed, @Nullable CRC32C crc) throws IOException {
    int bytes = (int) (framed.end() - framed.bodyAt());
    if (body.capacity() < bytes) {
      body = ByteBuffer.allocateDirect(Math.max(bytes, 2 * body.capacity()));
      body.order(ByteOrder.LITTLE_ENDIAN);
    }
    for (int done = 0; done < bytes; done += PIECE) {
      ByteBuffer piece = body.slice(done, Math.min(PIECE, bytes - done));
      readFully(piece, framed.bodyAt() + done, piece.capacity());
      if (crc != null) {
        crc.update(piece);
      }
    }
  }

  private void readBody(Framed framed, CRC32C crc) throws IOException {
    long bytes = framed.end() - framed.bodyAt();
    ByteBuffer chunk = ByteBuffer.allocateDirect(1 << 20);
    for (long done = 0; done < bytes; done += chunk.limit()) {
      readFully(chunk.clear(), framed.bodyAt() + done, Math.min(chunk.capacity(), bytes - done));
      crc.update(chunk);
    }
  }

  private void requireCrc(String expected, String found) throws IOException {
    if (!found.equalsIgnoreCase(expected)) {
      throw new IOException(
          "the checksum is wrong: "
              + TraceWriter.CRC_KEY
              + " says "
              + expected
              + ", the body gives "
              + found);
    }
    checkedBatches++;
  }

  private static @Nullable String storedCrc(Message message) throws IOException {
    int entries = message.customMetadataLength();
    if (entries > MAX_CUSTOM_METADATA) {
      throw new IOException("it has " + entries + " metadata entries, expected a few");
    }
    String stored = null;
    ByteBuffer ofHeader = null;
    for (int i = 0; i < entries; i++) {
      KeyValue entry = message.customMetadata(i);
      ByteBuffer key = entry.keyAsByteBuffer();
      ByteBuffer value = entry.valueAsByteBuffer();
      if (key == null || value == null) {
        continue;
      }
      if (isKey(key, TraceWriter.CRC_KEY, entry)) {
        requireDigits(TraceWriter.CRC_KEY, value);
        stored = Escapes.escape(String.valueOf(entry.value()));
      } else if (isKey(key, HeaderCrc.KEY, entry)) {
        requireDigits(HeaderCrc.KEY, value);
        ofHeader = value;
      }
    }
    if (ofHeader != null) {
      HeaderCrc.require(message, ofHeader);
    }
    return stored;
  }

  /** Compares lengths first: a hostile key may be long. */
  private static boolean isKey(ByteBuffer key, String wanted, KeyValue entry) {
    return key.remaining() == wanted.length() && wanted.equals(entry.key());
  }

  private static void requireDigits(String key, ByteBuffer value) throws IOException {
    if (value.remaining() != Crc.DIGITS) {
      throw new IOException(
          key
              + " has "
              + value.remaining()
              + " bytes, expected "
              + Crc.DIGITS
              + " hexadecimal digits");
    }
  }

  /** Reads exactly so many bytes and flips the buffer. */
  private void readFully(ByteBuffer target, long at, long bytes) throws IOException {
    target.clear().limit((int) bytes);
    long offset = at;
    while (target.hasRemaining()) {
      int n = channel.read(target, offset);
      if (n < 0) {
        throw malformed("became shorter while it was read, at byte " + offset);
      }
      offset += n;
    }
    target.flip();
  }

  private MalformedTraceException malformed(String reason) {
    return new MalformedTraceException(file, reason);
  }

  private MalformedTraceException damaged(Exception cause) {
    if (cause instanceof MalformedTraceException malformed) {
      return malformed;
    }
    String what =
        cause instanceof IOException
            ? String.valueOf(cause.getMessage())
            : "its metadata are broken";
    MalformedTraceException damaged =
        malformed("is damaged in batch " + batchIndex + " at byte " + batchOffset + ": " + what);
    damaged.initCause(cause);
    return damaged;
  }

  private void closeDecoder() {
    if (decoder != null) {
      decoder.close();
      decoder = null;
    }
  }

  @Override
  public void close() throws IOException {
    closeDecoder();
    channel.close();
  }
}
