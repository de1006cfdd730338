package dev.kstrace.traces;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
  private final ByteBuffer scratch;
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
  private @Nullable Offsets framingOffsets;
  private @Nullable Offsets detailOffsets;
  private boolean offsetsBegun;
  private final Presence presence = new Presence();

  /**
   * A decoder without columns.
   *
   * @param scratch {@link ByteSource#CHUNK} bytes, little-endian, which nobody else uses meanwhile
   */
  BatchDecoder(Map<Column, Boolean> large, ByteBuffer scratch) {
    this.large = large;
    this.scratch = scratch;
  }

  /** Remembers a source to be closed with this decoder. */
  <T extends ByteSource> T own(T source) {
    sources.add(source);
    return source;
  }

  void put(Column column, Field field) {
    fields.put(column, field);
    if (column != Column.FRAMING && column != Column.DETAIL) {
      presence.put(column, field.validity);
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
    presence.next(batch.present, rows);
    longs(Column.SEQ, batch.seq, rows);
    bytes(Column.OP, batch.op, rows);
    bytes(Column.LAYER, batch.layer, rows);
    longs(Column.T_ENTRY, batch.tEntry, rows);
    longs(Column.T_EXIT, batch.tExit, rows);
    ints(Column.THREAD, batch.thread, rows);
    bytes(Column.IRQL_ENTRY, batch.irqlEntry, rows);
    bytes(Column.IRQL_EXIT, batch.irqlExit, rows);
    longs(Column.PIN, batch.pin, rows);
    longs(Column.CONTEXT, batch.context, rows);
    longs(Column.FRAME, batch.frame, rows);
    longs(Column.SIZE, batch.size, rows);
    ints(Column.STATUS, batch.status, rows);
    if (!offsetsBegun) {
      beginOffsets();
    }
    framing(batch, rows);
    detail(batch, rows);
    batch.rows = rows;
  }

  private void longs(Column column, long[] target, int rows) throws IOException {
    Field field = fields.get(column);
    if (field == null) {
      return;
    }
    for (int from = 0; from < rows; ) {
      int to = presence.endOfUnknown(column, from, rows);
      field.data.skip((to - from) * (long) Long.BYTES, scratch);
      from = to;
      to = presence.endOfKnown(column, from, rows);
      while (from < to) {
        int n = Math.min(to - from, scratch.capacity() / Long.BYTES);
        field.data.next(n * Long.BYTES, scratch).asLongBuffer().get(target, from, n);
        from += n;
      }
    }
  }

  private void ints(Column column, int[] target, int rows) throws IOException {
    Field field = fields.get(column);
    if (field == null) {
      return;
    }
    for (int from = 0; from < rows; ) {
      int to = presence.endOfUnknown(column, from, rows);
      field.data.skip((to - from) * (long) Integer.BYTES, scratch);
      from = to;
      to = presence.endOfKnown(column, from, rows);
      while (from < to) {
        int n = Math.min(to - from, scratch.capacity() / Integer.BYTES);
        field.data.next(n * Integer.BYTES, scratch).asIntBuffer().get(target, from, n);
        from += n;
      }
    }
  }

  private void bytes(Column column, byte[] target, int rows) throws IOException {
    Field field = fields.get(column);
    if (field != null) {
      field.data.read(ByteBuffer.wrap(target, 0, rows));
    }
  }

  private void beginOffsets() throws IOException {
    offsetsBegun = true;
    framingOffsets = offsets(Column.FRAMING, framingLength);
    framingOffset = framingOffsets == null ? 0 : framingOffsets.at(0);
    detailOffsets = offsets(Column.DETAIL, detailLength);
    detailOffset = detailOffsets == null ? 0 : detailOffsets.at(0);
  }

  /** The offsets of a column, at the first, which is where the value of the first row begins. */
  private @Nullable Offsets offsets(Column column, long end) throws IOException {
    Field field = fields.get(column);
    if (field == null) {
      return null;
    }
    Offsets offsets = new Offsets(column, field.data, large.getOrDefault(column, false));
    offsets.next(1, 0, end, scratch);
    return offsets;
  }

  private static void skip(@Nullable BitSource validity, long rows) throws IOException {
    if (validity != null) {
      validity.skip(rows);
    }
  }

  private void framing(EventBatch batch, int rows) throws IOException {
    Field field = fields.get(Column.FRAMING);
    Offsets offsets = framingOffsets;
    if (field == null || offsets == null) {
      return;
    }
    offsets.next(rows, framingOffset, framingLength, scratch);
    int skipped = 0;
    for (int row = offsets.nextChange(0, framingOffset);
        row < rows;
        row = offsets.nextChange(row + 1, framingOffset)) {
      long start = framingOffset;
      framingOffset = offsets.at(row);
      skip(field.validity, row - skipped);
      boolean valid = field.validity == null || field.validity.next();
      skipped = row + 1;
      long elements = framingOffset - start;
      if (!valid) {
        continue;
      }
      if (elements > 1) {
        throw new EOFException("column framing has a list of " + elements + ", expected one");
      }
      batch.framing[row] = framingAt(start);
    }
    skip(field.validity, rows - skipped);
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
    Offsets offsets = detailOffsets;
    if (field == null || bytes == null || offsets == null) {
      return;
    }
    offsets.next(rows, detailOffset, detailLength, scratch);
    long bytesKept = 0;
    for (int row = 0; row < rows; ) {
      row += field.validity == null ? 0 : field.validity.skipNulls(rows - row);
      long known = 0;
      int n = Math.min(Long.SIZE, rows - row);
      if (n > 0) {
        known = field.validity == null ? -1L >>> (Long.SIZE - n) : field.validity.next(n);
      }
      for (; known != 0; known &= known - 1) {
        int at = row + Long.numberOfTrailingZeros(known);
        long start = at == 0 ? detailOffset : offsets.at(at - 1);
        long length = offsets.at(at) - start;
        if (length > TextLimits.TEXT_BYTES) {
          throw new EOFException(
              "column detail has a text of " + length + " bytes, expected at most 16 MiB");
        }
        bytesKept += length;
        if (bytesKept > TextLimits.READ_BYTES) {
          throw new EOFException(
              "column detail has more than 64 MiB of text in " + rows + " rows, expected less");
        }
        batch.detail[at] = text(bytes, start, (int) length);
      }
      row += n;
    }
    detailOffset = offsets.at(rows - 1);
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
