package dev.kstrace.traces;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns the buffers of one Arrow record batch into rows of an {@link EventBatch}, a piece at a
 * time.
 *
 * <p>Nothing in the buffers is believed: offsets must rise and stay inside what they point into.
 * Not thread-safe.
 */
final class BatchDecoder implements AutoCloseable {
  private static final int MAX_DETAIL_BYTES = 1 << 24;

  /** All texts of one read: compressed, a small file could hold more than memory does. */
  private static final int MAX_DETAIL_BYTES_PER_READ = 1 << 26;

  /** Where one field's validity and data come from; a null validity = no nulls. */
  static final class Field {
    final @Nullable BitSource validity;
    final ByteSource data;

    Field(@Nullable BitSource validity, ByteSource data) {
      this.validity = validity;
      this.data = data;
    }
  }

  /** A validity bitmap, read bit by bit. */
  static final class BitSource {
    private final ByteSource source;
    private final ByteBuffer one = ByteBuffer.allocate(512);
    private int bits;
    private int left;
    private long bytesLeft;

    BitSource(ByteSource source, long rows) {
      this.source = source;
      this.bytesLeft = (rows + 7) / 8;
      one.limit(0);
    }

    boolean next() throws IOException {
      if (left == 0) {
        if (!one.hasRemaining()) {
          one.clear().limit((int) Math.min(one.capacity(), bytesLeft));
          bytesLeft -= one.limit();
          source.read(one);
          one.flip();
        }
        bits = one.get();
        left = 8;
      }
      boolean bit = (bits & 1) != 0;
      bits >>>= 1;
      left--;
      return bit;
    }
  }

  private final Map<Column, Field> fields = new EnumMap<>(Column.class);
  private final Map<Column, Boolean> large;
  private final List<ByteSource> sources = new ArrayList<>();
  private final Field[] framingMembers = new Field[TraceSchema.FRAMING_FIELDS.size()];
  private final ByteBuffer scratch =
      ByteBuffer.allocateDirect(ByteSource.CHUNK).order(ByteOrder.LITTLE_ENDIAN);
  private final CharsetDecoder utf8 =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private @Nullable BitSource framingItems;
  private @Nullable ByteSource detailBytes;
  private long framingLength;
  private long framingOffset;
  private long framingPosition;
  private long detailLength;
  private long detailOffset;
  private long detailPosition;
  private boolean offsetsBegun;
  private long[] offsets = new long[1];

  BatchDecoder(Map<Column, Boolean> large) {
    this.large = large;
  }

  /** Remembers a source to be closed with this decoder. */
  <T extends ByteSource> T own(T source) {
    sources.add(source);
    return source;
  }

  void put(Column column, Field field) {
    fields.put(column, field);
  }

  void putFramingItems(@Nullable BitSource validity, long length) {
    framingItems = validity;
    framingLength = length;
  }

  void putFramingMember(int member, Field field) {
    framingMembers[member] = field;
  }

  void putDetailBytes(ByteSource bytes, long length) {
    detailBytes = bytes;
    detailLength = length;
  }

  /** Decodes the next rows into the batch, replacing what it held. */
  void decode(EventBatch batch, int rows) throws IOException {
    batch.clear();
    Arrays.fill(batch.present, 0, rows, (short) 0);
    // Beyond clear(): rows that are not in use, or that a failed read left behind.
    Arrays.fill(batch.framing, 0, rows, null);
    Arrays.fill(batch.detail, 0, rows, null);
    longs(Column.SEQ, batch.seq, 0, batch, rows);
    bytes(Column.OP, batch.op, 0, batch, rows);
    bytes(Column.LAYER, batch.layer, 0, batch, rows);
    longs(Column.T_ENTRY, batch.tEntry, 0, batch, rows);
    longs(Column.T_EXIT, batch.tExit, EventBatch.T_EXIT, batch, rows);
    ints(Column.THREAD, batch.thread, EventBatch.THREAD, batch, rows);
    bytes(Column.IRQL_ENTRY, batch.irqlEntry, EventBatch.IRQL_ENTRY, batch, rows);
    bytes(Column.IRQL_EXIT, batch.irqlExit, EventBatch.IRQL_EXIT, batch, rows);
    longs(Column.PIN, batch.pin, EventBatch.PIN, batch, rows);
    longs(Column.CONTEXT, batch.context, EventBatch.CONTEXT, batch, rows);
    longs(Column.FRAME, batch.frame, EventBatch.FRAME, batch, rows);
    longs(Column.SIZE, batch.size, EventBatch.SIZE, batch, rows);
    ints(Column.STATUS, batch.status, EventBatch.STATUS, batch, rows);
    if (!offsetsBegun) {
      beginOffsets();
    }
    framing(batch, rows);
    detail(batch, rows);
    batch.rows = rows;
  }

  private void longs(Column column, long[] target, int bit, EventBatch batch, int rows)
      throws IOException {
    Field field = fields.get(column);
    if (field == null) {
      return;
    }
    for (int row = 0; row < rows; ) {
      int n = Math.min(rows - row, scratch.capacity() / Long.BYTES);
      field.data.read(scratch.clear().limit(n * Long.BYTES));
      scratch.flip().asLongBuffer().get(target, row, n);
      row += n;
    }
    presence(column, field, bit, batch, rows);
  }

  private void ints(Column column, int[] target, int bit, EventBatch batch, int rows)
      throws IOException {
    Field field = fields.get(column);
    if (field == null) {
      return;
    }
    for (int row = 0; row < rows; ) {
      int n = Math.min(rows - row, scratch.capacity() / Integer.BYTES);
      field.data.read(scratch.clear().limit(n * Integer.BYTES));
      scratch.flip().asIntBuffer().get(target, row, n);
      row += n;
    }
    presence(column, field, bit, batch, rows);
  }

  private void bytes(Column column, byte[] target, int bit, EventBatch batch, int rows)
      throws IOException {
    Field field = fields.get(column);
    if (field == null) {
      return;
    }
    field.data.read(ByteBuffer.wrap(target, 0, rows));
    presence(column, field, bit, batch, rows);
  }

  private static void presence(Column column, Field field, int bit, EventBatch batch, int rows)
      throws IOException {
    BitSource validity = field.validity;
    if (validity == null) {
      for (int row = 0; row < rows; row++) {
        batch.present[row] = (short) (batch.present[row] | bit);
      }
      return;
    }
    for (int row = 0; row < rows; row++) {
      if (validity.next()) {
        batch.present[row] = (short) (batch.present[row] | bit);
      } else if (bit == 0) {
        throw new EOFException("column " + column.columnName() + " holds a null, expected none");
      }
    }
  }

  private void beginOffsets() throws IOException {
    offsetsBegun = true;
    Field framing = fields.get(Column.FRAMING);
    if (framing != null) {
      readOffsets(framing, Column.FRAMING, 1, 0, framingLength);
      framingOffset = offsets[0];
    }
    Field detail = fields.get(Column.DETAIL);
    if (detail != null) {
      readOffsets(detail, Column.DETAIL, 1, 0, detailLength);
      detailOffset = offsets[0];
    }
  }

  /** Reads offsets and checks that they rise from {@code last} and end at {@code end} at most. */
  private void readOffsets(Field field, Column column, int count, long last, long end)
      throws IOException {
    if (offsets.length < count) {
      offsets = new long[count];
    }
    boolean wide = large.getOrDefault(column, false);
    int width = wide ? Long.BYTES : Integer.BYTES;
    for (int row = 0; row < count; ) {
      int n = Math.min(count - row, scratch.capacity() / width);
      field.data.read(scratch.clear().limit(n * width));
      scratch.flip();
      for (int stop = row + n; row < stop; row++) {
        offsets[row] = wide ? scratch.getLong() : scratch.getInt();
      }
    }
    long before = last;
    for (int row = 0; row < count; row++) {
      if (offsets[row] < before || offsets[row] > end) {
        throw new EOFException(
            "column "
                + column.columnName()
                + " has offset "
                + offsets[row]
                + ", expected "
                + before
                + " to "
                + end);
      }
      before = offsets[row];
    }
  }

  private void framing(EventBatch batch, int rows) throws IOException {
    Field field = fields.get(Column.FRAMING);
    if (field == null) {
      return;
    }
    readOffsets(field, Column.FRAMING, rows, framingOffset, framingLength);
    for (int row = 0; row < rows; row++) {
      long start = framingOffset;
      framingOffset = offsets[row];
      boolean valid = field.validity == null || field.validity.next();
      long elements = framingOffset - start;
      if (!valid || elements == 0) {
        continue;
      }
      if (elements > 1) {
        throw new EOFException("column framing has a list of " + elements + ", expected one");
      }
      batch.framing[row] = framingAt(start);
    }
  }

  private @Nullable Framing framingAt(long index) throws IOException {
    boolean known = true;
    int[] values = new int[framingMembers.length];
    long gap = index - framingPosition;
    for (long i = 0; i < gap && framingItems != null; i++) {
      framingItems.next();
    }
    if (framingItems != null) {
      known = framingItems.next();
    }
    for (int member = 0; member < framingMembers.length; member++) {
      Field field = framingMembers[member];
      field.data.skip(gap * Integer.BYTES, scratch);
      field.data.read(scratch.clear().limit(Integer.BYTES));
      values[member] = scratch.flip().getInt();
      if (field.validity != null) {
        for (long i = 0; i < gap; i++) {
          field.validity.next();
        }
        known &= field.validity.next();
      }
    }
    framingPosition = index + 1;
    return known
        ? new Framing(values[0], values[1], values[2], values[3], values[4], values[5])
        : null;
  }

  private void detail(EventBatch batch, int rows) throws IOException {
    Field field = fields.get(Column.DETAIL);
    ByteSource bytes = detailBytes;
    if (field == null || bytes == null) {
      return;
    }
    readOffsets(field, Column.DETAIL, rows, detailOffset, detailLength);
    long bytesKept = 0;
    for (int row = 0; row < rows; row++) {
      long start = detailOffset;
      detailOffset = offsets[row];
      boolean valid = field.validity == null || field.validity.next();
      long length = detailOffset - start;
      if (!valid) {
        continue;
      }
      if (length > MAX_DETAIL_BYTES) {
        throw new EOFException(
            "column detail has a text of " + length + " bytes, expected at most 16 MiB");
      }
      bytesKept += length;
      if (bytesKept > MAX_DETAIL_BYTES_PER_READ) {
        throw new EOFException(
            "column detail has more than 64 MiB of text in " + rows + " rows, expected less");
      }
      bytes.skip(start - detailPosition, scratch);
      ByteBuffer text = ByteBuffer.allocate((int) length);
      bytes.read(text);
      detailPosition = detailOffset;
      CharBuffer decoded = utf8.decode(text.flip());
      batch.detail[row] = decoded.toString();
    }
  }

  @Override
  public void close() {
    sources.forEach(ByteSource::close);
  }
}
