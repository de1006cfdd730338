package dev.kstrace.traces;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

  /** Where one field's validity and data come from; a null validity = no nulls. */
  static final class Field {
    final @Nullable BitSource validity;
    final ByteSource data;

    Field(@Nullable BitSource validity, ByteSource data) {
      this.validity = validity;
      this.data = data;
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

  /** Bits of the columns that are known in every row being decoded. */
  private short presentInAll;

  private long[] offsets = new long[1];
  private int[] narrowOffsets = new int[1];

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
      alwaysPresent = (short) (alwaysPresent | EventBatch.bitOf(column));
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
    // Also rows that are not in use, or that a failed read left behind.
    batch.rows = Math.max(batch.rows, rows);
    batch.clear();
    Arrays.fill(batch.present, 0, rows, (short) 0);
    presentInAll = alwaysPresent;
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
    for (int row = 0; row < rows; row++) {
      batch.present[row] |= presentInAll;
    }
    batch.rows = rows;
  }

  private void longs(Column column, long[] target, EventBatch batch, int rows) throws IOException {
    Field field = fields.get(column);
    if (field != null) {
      copy(field.data, target, rows);
      presence(column, field, batch, rows);
    }
  }

  private void ints(Column column, int[] target, EventBatch batch, int rows) throws IOException {
    Field field = fields.get(column);
    if (field != null) {
      copy(field.data, target, rows);
      presence(column, field, batch, rows);
    }
  }

  private void copy(ByteSource source, long[] target, int count) throws IOException {
    for (int from = 0; from < count; ) {
      int n = Math.min(count - from, scratch.capacity() / Long.BYTES);
      source.next(n * Long.BYTES, scratch).asLongBuffer().get(target, from, n);
      from += n;
    }
  }

  private void copy(ByteSource source, int[] target, int count) throws IOException {
    for (int from = 0; from < count; ) {
      int n = Math.min(count - from, scratch.capacity() / Integer.BYTES);
      source.next(n * Integer.BYTES, scratch).asIntBuffer().get(target, from, n);
      from += n;
    }
  }

  private void bytes(Column column, byte[] target, EventBatch batch, int rows) throws IOException {
    Field field = fields.get(column);
    if (field == null) {
      return;
    }
    field.data.read(ByteBuffer.wrap(target, 0, rows));
    presence(column, field, batch, rows);
  }

  private void presence(Column column, Field field, EventBatch batch, int rows) throws IOException {
    BitSource validity = field.validity;
    if (validity == null) {
      return;
    }
    int bit = EventBatch.bitOf(column);
    boolean nulls = validity.mark(batch.present, bit, rows);
    if (nulls && bit == 0) {
      throw new EOFException("column " + column.columnName() + " holds a null, expected none");
    }
    if (!nulls) {
      presentInAll = (short) (presentInAll | bit);
    }
  }

  private void beginOffsets() throws IOException {
    offsetsBegun = true;
    Field framing = fields.get(Column.FRAMING);
    if (framing != null) {
      framingOffset = firstOffset(framing, Column.FRAMING, framingLength);
    }
    Field detail = fields.get(Column.DETAIL);
    if (detail != null) {
      detailOffset = firstOffset(detail, Column.DETAIL, detailLength);
    }
  }

  private long firstOffset(Field field, Column column, long end) throws IOException {
    return readOffsets(field, column, 1, 0, end) ? offsets[0] : 0;
  }

  /**
   * Reads offsets and checks that they rise from {@code last} and end at {@code end} at most.
   *
   * @return false if all of them equal {@code last}, so that no row has anything: the usual case of
   *     columns as rare as these, which costs next to nothing; {@link #offsets} is then not set
   */
  private boolean readOffsets(Field field, Column column, int count, long last, long end)
      throws IOException {
    if (offsets.length < count) {
      offsets = new long[count];
      narrowOffsets = new int[count];
    }
    if (large.getOrDefault(column, false)) {
      copy(field.data, offsets, count);
    } else if (!readNarrowOffsets(field.data, count, last)) {
      return false;
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
    return true;
  }

  private boolean readNarrowOffsets(ByteSource source, int count, long last) throws IOException {
    copy(source, narrowOffsets, count);
    int expected = (int) last;
    int different = 0;
    for (int row = 0; row < count; row++) {
      different |= narrowOffsets[row] ^ expected;
    }
    if (different == 0 && expected == last) {
      return false;
    }
    for (int row = 0; row < count; row++) {
      offsets[row] = narrowOffsets[row];
    }
    return true;
  }

  private static void skip(@Nullable BitSource validity, long rows) throws IOException {
    if (validity != null) {
      validity.skip(rows);
    }
  }

  private void framing(EventBatch batch, int rows) throws IOException {
    Field field = fields.get(Column.FRAMING);
    if (field == null) {
      return;
    }
    if (!readOffsets(field, Column.FRAMING, rows, framingOffset, framingLength)) {
      skip(field.validity, rows);
      return;
    }
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
    skip(framingItems, gap);
    if (framingItems != null) {
      known = framingItems.next();
    }
    for (int member = 0; member < framingMembers.length; member++) {
      Field field = framingMembers[member];
      field.data.skip(gap * Integer.BYTES, scratch);
      field.data.read(scratch.clear().limit(Integer.BYTES));
      values[member] = scratch.flip().getInt();
      skip(field.validity, gap);
      known &= field.validity == null || field.validity.next();
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
    boolean any = readOffsets(field, Column.DETAIL, rows, detailOffset, detailLength);
    int row = field.validity == null ? 0 : field.validity.skipNulls(rows);
    if (any && row > 0) {
      detailOffset = offsets[row - 1];
    }
    long bytesKept = 0;
    for (; row < rows; row++) {
      long start = detailOffset;
      detailOffset = any ? offsets[row] : start;
      boolean valid = field.validity == null || field.validity.next();
      long length = detailOffset - start;
      if (!valid) {
        continue;
      }
      if (length > TextLimits.TEXT_BYTES) {
        throw new EOFException(
            "column detail has a text of " + length + " bytes, expected at most 16 MiB");
      }
      bytesKept += length;
      if (bytesKept > TextLimits.READ_BYTES) {
        throw new EOFException(
            "column detail has more than 64 MiB of text in " + rows + " rows, expected less");
      }
      batch.detail[row] = text(bytes, start, (int) length);
    }
  }

  private String text(ByteSource bytes, long start, int length) throws IOException {
    bytes.skip(start - detailPosition, scratch);
    ByteBuffer text = ByteBuffer.allocate(length);
    bytes.read(text);
    detailPosition = start + length;
    return utf8.decode(text.flip()).toString();
  }

  @Override
  public void close() {
    sources.forEach(ByteSource::close);
  }
}
