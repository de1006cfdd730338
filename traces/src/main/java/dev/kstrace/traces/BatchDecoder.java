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

    /** Sets a bit in the masks of the valid rows and tells whether there were others. */
    boolean mark(short[] masks, int bit, int rows) throws IOException {
      boolean nulls = false;
      int row = 0;
      while (row < rows) {
        boolean first = next();
        if (left != 7 || rows - row < 8) {
          nulls |= !first;
          masks[row] = (short) (masks[row] | (first ? bit : 0));
          row++;
          continue;
        }
        int eight = ((bits & 0x7F) << 1) | (first ? 1 : 0);
        left = 0;
        nulls |= eight != 0xFF;
        for (int k = 0; k < 8; k++) {
          masks[row + k] = (short) (masks[row + k] | (bit * ((eight >>> k) & 1)));
        }
        row += 8;
      }
      return nulls;
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
  private short alwaysPresent;
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
    if (field.validity == null) {
      alwaysPresent = (short) (alwaysPresent | presenceBit(column));
    }
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
    Arrays.fill(batch.present, 0, rows, alwaysPresent);
    // Beyond clear(): rows that are not in use, or that a failed read left behind.
    Arrays.fill(batch.framing, 0, rows, null);
    Arrays.fill(batch.detail, 0, rows, null);
    longs(Column.SEQ, batch.seq, batch, rows);
    bytes(Column.OP, batch.op, batch, rows);
    bytes(Column.LAYER, batch.layer, batch, rows);
    longs(Column.T_ENTRY, batch.tEntry, batch, rows);
    longs(Column.T_EXIT, batch.tExit, batch, rows);
    ints(Column.THREAD, batch.thread, batch, rows);
    bytes(Column.IRQL_ENTRY, batch.irqlEntry, batch, rows);
    bytes(Column.IRQL_EXIT, batch.irqlExit, batch, rows);
    longs(Column.PIN, batch.pin, batch, rows);
    longs(Column.CONTEXT, batch.context, batch, rows);
    longs(Column.FRAME, batch.frame, batch, rows);
    longs(Column.SIZE, batch.size, batch, rows);
    ints(Column.STATUS, batch.status, batch, rows);
    if (!offsetsBegun) {
      beginOffsets();
    }
    framing(batch, rows);
    detail(batch, rows);
    batch.rows = rows;
  }

  private void longs(Column column, long[] target, EventBatch batch, int rows) throws IOException {
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
    presence(column, field, batch, rows);
  }

  private void ints(Column column, int[] target, EventBatch batch, int rows) throws IOException {
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
    presence(column, field, batch, rows);
  }

  private void bytes(Column column, byte[] target, EventBatch batch, int rows) throws IOException {
    Field field = fields.get(column);
    if (field == null) {
      return;
    }
    field.data.read(ByteBuffer.wrap(target, 0, rows));
    presence(column, field, batch, rows);
  }

  private static int presenceBit(Column column) {
    return switch (column) {
      case T_EXIT -> EventBatch.T_EXIT;
      case THREAD -> EventBatch.THREAD;
      case IRQL_ENTRY -> EventBatch.IRQL_ENTRY;
      case IRQL_EXIT -> EventBatch.IRQL_EXIT;
      case PIN -> EventBatch.PIN;
      case CONTEXT -> EventBatch.CONTEXT;
      case FRAME -> EventBatch.FRAME;
      case SIZE -> EventBatch.SIZE;
      case STATUS -> EventBatch.STATUS;
      case SEQ, OP, LAYER, T_ENTRY, FRAMING, DETAIL -> 0;
    };
  }

  private static void presence(Column column, Field field, EventBatch batch, int rows)
      throws IOException {
    int bit = presenceBit(column);
    BitSource validity = field.validity;
    if (validity != null && validity.mark(batch.present, bit, rows) && bit == 0) {
      throw new EOFException("column " + column.columnName() + " holds a null, expected none");
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
