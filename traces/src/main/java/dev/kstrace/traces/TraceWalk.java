package dev.kstrace.traces;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.kstrace.traces.SchemaReader.Layout;
import dev.kstrace.traces.SchemaReader.SchemaException;
import dev.kstrace.traces.TraceReader.Framed;
import dev.kstrace.traces.TraceStructure.Part;
import dev.kstrace.traces.TraceStructure.SchemaSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flatbuf.Block;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.Footer;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Walks over a trace file from message to message and does not stop at what is broken.
 *
 * <p>Whether a batch can be read is for {@link TraceReader} to say; what this class adds is where
 * to go on. A broken batch's own length is believed only if a message begins, or the batches end,
 * where it says. One object walks once.
 */
final class TraceWalk {
  private static final int START = 8;

  /** Bytes between buffers are fewer: Arrow pads to 8 or 64. */
  private static final int MOST_PADDING = 64;

  private static final int TAIL = Integer.BYTES + TraceWriter.MAGIC.length;
  private static final Layout NO_COLUMNS =
      new Layout(TraceMetadata.asRead(Map.of()), List.of(), Map.of());

  private final TraceStructure found;
  private final EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS / 4);
  private final boolean needsChecksums;
  private @Nullable FileChannel open;
  private @Nullable TraceReader framing;
  private long end;
  private long[] listed = {};
  private boolean anyRow;
  private final ReadProgress progress;
  private long previousSeq;
  private long highestSeq;

  /**
   * A walk.
   *
   * @param needsChecksums whether a batch without a checksum counts as broken: in a file whose
   *     other batches have one, it was lost with who knows what else
   */
  TraceWalk(Path file, boolean needsChecksums, ReadProgress progress) {
    this.progress = progress;
    found = new TraceStructure(file);
    this.needsChecksums = needsChecksums;
  }

  TraceStructure structure() throws IOException {
    if (Files.isDirectory(found.file)) {
      throw new MalformedTraceException(
          found.file, "is a directory; expected a trace file (*.arrow)");
    }
    try (FileChannel channel = FileChannel.open(found.file, StandardOpenOption.READ);
        TraceReader messages = new TraceReader(found.file, channel, NO_COLUMNS)) {
      open = channel;
      framing = messages;
      found.fileBytes = channel.size();
      end = found.fileBytes;
      walk(channel, messages);
    }
    found.faults.sort(Comparator.comparingLong(Fault::offset));
    return found;
  }

  private void walk(FileChannel channel, TraceReader messages) throws IOException {
    magic();
    Footer footer = footer(messages);
    long from = schema(footer);
    Layout layout = found.layout;
    if (layout == null) {
      return;
    }
    metadata(layout.metadata());
    try (TraceReader reader = new TraceReader(found.file, channel, layout)) {
      batches(reader, from);
    }
    if (footer != null) {
      compareWithFooter(footer);
      compareSchemas(footer, layout);
    }
  }

  private void fault(Fault.Kind kind, boolean damage, long from, long to, String text) {
    int index = kind == Fault.Kind.BATCH || kind == Fault.Kind.SEQ ? batchesSoFar() : -1;
    found.add(new Fault(kind, damage, from, to - from, index, text));
  }

  /** Batches before the one at hand, broken ones included. */
  private int batchesSoFar() {
    return found.parts.size();
  }

  private void magic() throws IOException {
    byte[] head = Arrays.copyOf(bytes(0, START), TraceWriter.MAGIC.length);
    if (!Arrays.equals(head, TraceWriter.MAGIC)) {
      fault(
          Fault.Kind.MAGIC,
          true,
          0,
          Math.min(START, found.fileBytes),
          found.fileBytes == 0
              ? "the file is empty, expected an Arrow file"
              : "the file does not begin with ARROW1");
    }
  }

  private @Nullable Footer footer(TraceReader messages) throws IOException {
    Footer footer = null;
    long tailAt = Math.max(0, found.fileBytes - TAIL);
    try {
      footer = messages.readFooter();
      if (footer == null) {
        fault(
            Fault.Kind.FOOTER,
            false,
            found.fileBytes,
            found.fileBytes,
            "there is no footer: the writer did not end");
        return null;
      }
      long[] offsets = new long[footer.recordBatchesLength()];
      for (int i = 0; i < offsets.length; i++) {
        offsets[i] = footer.recordBatches(i).offset();
      }
      Arrays.sort(offsets);
      listed = offsets;
    } catch (MalformedTraceException | RuntimeException e) {
      fault(Fault.Kind.FOOTER, true, tailAt, found.fileBytes, "the footer is broken");
      return null;
    }
    int length = ByteBuffer.wrap(bytes(tailAt, TAIL)).order(ByteOrder.LITTLE_ENDIAN).getInt(0);
    end = tailAt - length;
    found.hasFooter = true;
    return footer;
  }

  // The schema.

  /** Finds a schema and tells where the batches begin. */
  private long schema(@Nullable Footer footer) throws IOException {
    Framed first = messageAt(START);
    long from = first != null ? first.end() : listed.length > 0 ? listed[0] : START;
    String why = "there is no schema at the beginning";
    boolean another = false;
    try {
      if (first != null && first.type() == MessageHeader.Schema) {
        Schema schema = (Schema) first.message().header(new Schema());
        if (schema != null) {
          found.layout = SchemaReader.read(schema);
          found.schemaSource = SchemaSource.MESSAGE;
          return from;
        }
      }
    } catch (SchemaException e) {
      why = "the file " + e.getMessage();
      another = true;
    } catch (RuntimeException e) {
      why = "the schema at the beginning is broken";
    }
    fault(Fault.Kind.SCHEMA, true, Math.min(START, found.fileBytes), from, why);
    if (footer != null && schemaOf(footer)) {
      found.schemaSource = SchemaSource.FOOTER;
    } else if (!another) {
      // One that can be read and is no trace's is not a broken one of ours.
      assume();
    }
    return from;
  }

  private boolean schemaOf(Footer footer) {
    try {
      Schema schema = footer.schema();
      if (schema != null) {
        found.layout = SchemaReader.read(schema);
      }
    } catch (SchemaException | RuntimeException e) {
      return false; // compareSchemas tells
    }
    return found.layout != null;
  }

  /** Takes the columns that kstrace itself writes; batches must then prove to have them. */
  private void assume() {
    FlatBufferBuilder builder = new FlatBufferBuilder();
    builder.finish(TraceSchema.build(builder, TraceMetadata.of(Map.of())));
    try {
      found.layout = SchemaReader.read(Schema.getRootAsSchema(builder.dataBuffer()));
      found.schemaSource = SchemaSource.ASSUMED;
    } catch (SchemaException e) {
      throw new IllegalStateException("our own schema", e);
    }
  }

  private void metadata(TraceMetadata metadata) {
    for (String key : List.of(TraceMetadata.COMPLETE_START, TraceMetadata.SYNTHETIC_ADDRESSES)) {
      String value = metadata.get(key);
      if (value != null && !value.equals("true") && !value.equals("false")) {
        metadataFault(key, value, "true or false");
      }
    }
    String rows = metadata.get(TraceMetadata.SNAPSHOT_ROWS);
    if (rows != null && metadata.snapshotRows() == 0 && !rows.equals("0")) {
      metadataFault(TraceMetadata.SNAPSHOT_ROWS, rows, "a number of rows");
    }
  }

  private void metadataFault(String key, String value, String expected) {
    String shown = value.length() > 80 ? value.substring(0, 80) + "..." : value;
    String text = key + "=" + Escapes.escape(shown) + ", expected " + expected;
    fault(Fault.Kind.METADATA, false, START, START, text);
  }

  // The batches.

  private void batches(TraceReader reader, long from) throws IOException {
    Resync resync = new Resync(open(), found.fileBytes, end, new WholeBatch(reader));
    long at = from;
    while (at < end) {
      progress.at(at, end);
      Framed framed = messageAt(at);
      if (framed == null) {
        at = noMessage(resync, at);
      } else if (framed.type() != MessageHeader.RecordBatch) {
        String name =
            framed.type() >= 0 && framed.type() < MessageHeader.names.length
                ? MessageHeader.name(framed.type())
                : "unknown";
        fault(
            Fault.Kind.GARBAGE,
            false,
            at,
            framed.end(),
            "a message of type " + name + " stands among the batches");
        at = framed.end();
      } else {
        at = batch(reader, resync, framed, at);
      }
    }
  }

  private long batch(TraceReader reader, Resync resync, Framed framed, long at) throws IOException {
    String why = check(reader, framed, at, true);
    if (why == null) {
      return framed.end();
    }
    boolean believed = isBoundary(framed.end()) && !skipsListed(at, framed.end());
    long next = believed ? framed.end() : resync.next(at + 1);
    fault(Fault.Kind.BATCH, true, at, next, why);
    found.parts.add(Part.broken(at, next, believed ? claimedRows(framed.message()) : -1));
    return next;
  }

  /** Deals with bytes that are no complete message and tells where to go on. */
  private long noMessage(Resync resync, long at) throws IOException {
    boolean endMark = isEndMark(at);
    if (endMark && at + 8 == end && found.hasFooter) {
      return end;
    }
    long next = resync.next(at + 1);
    if (next == end && endMark) {
      fault(
          Fault.Kind.FOOTER,
          false,
          at,
          end,
          found.hasFooter
              ? "there is something between the end mark and the footer"
              : "the footer is incomplete");
      return end;
    }
    boolean torn = next == end && !found.hasFooter;
    long claimed = torn ? claimedRows(at) : -1;
    fault(
        torn ? Fault.Kind.BATCH : Fault.Kind.GARBAGE,
        !torn,
        at,
        next,
        torn
            ? "the file ends inside a batch" + (claimed < 0 ? "" : " of " + claimed + " events")
            : "these bytes are no message");
    found.parts.add(Part.broken(at, next, claimed));
    return next;
  }

  /** What a search accepts. */
  private final class WholeBatch implements Resync.Check {
    private final TraceReader reader;

    WholeBatch(TraceReader reader) {
      this.reader = reader;
    }

    @Override
    public long framedBytes(long at) throws IOException {
      Framed framed = messageAt(at);
      boolean candidate = framed != null && framed.type() == MessageHeader.RecordBatch;
      return framed != null && candidate ? framed.end() - at : 0;
    }

    @Override
    public boolean isWhole(long at) throws IOException {
      Framed framed = messageAt(at);
      return framed != null && check(reader, framed, at, false) == null;
    }
  }

  /**
   * Reads a whole batch.
   *
   * @param keep whether to note the batch if it can be read
   * @return why it cannot be read, or null
   */
  private @Nullable String check(TraceReader reader, Framed framed, long at, boolean keep)
      throws IOException {
    int checkedBefore = reader.checkedBatches();
    long rows = 0;
    long first = 0;
    SeqCheck order = new SeqCheck();
    try {
      requireNeighbours(framed);
      reader.only(framed);
      while (reader.read(batch)) {
        first = rows == 0 ? batch.seq(0) : first;
        order.accept(batch, rows);
        rows += batch.rows();
      }
    } catch (MalformedTraceException e) {
      return e.getCause() == null ? "it became shorter while it was read" : reason(e.getCause());
    } catch (BrokenHeader e) {
      return e.getMessage();
    }
    boolean checked = reader.checkedBatches() > checkedBefore;
    if (found.schemaSource == SchemaSource.ASSUMED && !checked) {
      return "without a schema only batches with a checksum can be believed";
    }
    if (needsChecksums && !checked) {
      return "it has no checksum, but other batches of the file have one";
    }
    if (keep) {
      order.keep(at, framed.end());
      found.parts.add(new Part(at, framed.end(), rows, true, first, order.previous));
      found.checkedBatches += checked ? 1 : 0;
      found.rows += rows;
      found.wholeBatches++;
    }
    return null;
  }

  /** A header that readers would follow to other bytes than the writer meant. */
  private static final class BrokenHeader extends Exception {
    private static final long serialVersionUID = 1L;

    BrokenHeader(String message) {
      super(message);
    }
  }

  /**
   * Compares the buffers of a batch with its body: they lie side by side and fill it, but for
   * padding. The checksum covers the body only, so nothing else would notice a broken header.
   */
  private static void requireNeighbours(Framed framed) throws BrokenHeader {
    long body = framed.end() - framed.bodyAt();
    long at = 0;
    try {
      RecordBatch header = (RecordBatch) framed.message().header(new RecordBatch());
      if (header == null) {
        return; // the reader says so
      }
      for (int i = 0; i < header.buffersLength(); i++) {
        Buffer buffer = header.buffers(i);
        if (buffer.length() != 0 && !isNext(at, buffer.offset())) {
          throw new BrokenHeader(
              "its header is broken: buffer "
                  + i
                  + " begins at "
                  + buffer.offset()
                  + ", expected "
                  + at
                  + " or a little more");
        }
        at = buffer.length() == 0 ? at : buffer.offset() + buffer.length();
      }
    } catch (RuntimeException e) {
      throw new BrokenHeader("its metadata are broken");
    }
    if (!isNext(at, body)) {
      throw new BrokenHeader(
          "its header is broken: the buffers end at " + at + ", the body at " + body);
    }
  }

  private static boolean isNext(long end, long next) {
    return next >= end && next - end < MOST_PADDING;
  }

  private static String reason(Throwable cause) {
    return cause instanceof IOException
        ? String.valueOf(cause.getMessage())
        : "its metadata are broken";
  }

  /** The order of the rows of one batch, which counts only if all of the batch can be read. */
  private final class SeqCheck {
    private boolean any = anyRow;
    private final boolean behindOthers = anyRow;
    private long first;
    private long previous = previousSeq;
    private long highest = highestSeq;
    private long holes;
    private long missing;
    private long disordered;
    private String where = "";

    void accept(EventBatch rows, long rowsBefore) {
      for (int row = 0; row < rows.rows(); row++) {
        long seq = rows.seq(row);
        if (!any) {
          any = true;
          first = seq;
          highest = seq;
        } else if (Long.compareUnsigned(seq, previous) <= 0) {
          if (disordered++ == 0) {
            where =
                "row "
                    + (rowsBefore + row)
                    + " has seq "
                    + Long.toUnsignedString(seq)
                    + " behind "
                    + Long.toUnsignedString(previous);
          }
        } else if (Long.compareUnsigned(seq, highest) > 0) {
          holes += seq - highest == 1 ? 0 : 1;
          missing += seq - highest - 1;
          highest = seq;
        }
        previous = seq;
      }
    }

    void keep(long at, long to) {
      if (any && !behindOthers) {
        found.firstSeq = first;
      }
      anyRow = any;
      previousSeq = previous;
      highestSeq = highest;
      found.lastSeq = previous;
      found.holes += holes;
      found.missingSeqs += missing;
      if (disordered > 0) {
        String more = disordered == 1 ? "" : ", and " + (disordered - 1) + " more rows";
        fault(Fault.Kind.SEQ, false, at, to, "seq does not rise: " + where + more);
      }
    }
  }

  // The footer.

  private void compareWithFooter(Footer footer) {
    Map<Long, Part> byOffset = new HashMap<>();
    found.parts.stream().filter(Part::whole).forEach(part -> byOffset.put(part.offset(), part));
    long before = 0;
    for (int i = 0; i < footer.recordBatchesLength(); i++) {
      Block block = footer.recordBatches(i);
      Part part = byOffset.remove(block.offset());
      if (part == null) {
        boolean broken = found.parts.stream().anyMatch(other -> other.offset() == block.offset());
        if (!broken) {
          footerFault(
              true, "the footer lists a batch at byte " + block.offset() + ", none is there");
        }
      } else if (block.metaDataLength() + block.bodyLength() != part.end() - part.offset()) {
        footerFault(
            false, "the footer gives the batch at byte " + block.offset() + " a wrong length");
      }
      if (block.offset() < before) {
        footerFault(true, "the footer lists the batches in another order than the file has them");
        break;
      }
      before = block.offset();
    }
    byOffset.keySet().stream()
        .sorted()
        .forEach(
            offset -> footerFault(true, "the footer does not list the batch at byte " + offset));
  }

  /** Readers take the schema of the footer, so it must be there and say the same. */
  private void compareSchemas(Footer footer, Layout layout) {
    try {
      Schema schema = footer.schema();
      if (schema == null) {
        footerFault(true, "the footer has no schema");
      } else if (!SchemaReader.read(schema).equals(layout)) {
        footerFault(true, "the footer's schema is another than the one at the beginning");
      }
    } catch (SchemaException | RuntimeException e) {
      footerFault(true, "the footer's schema is broken");
    }
  }

  private void footerFault(boolean damage, String text) {
    fault(Fault.Kind.FOOTER, damage, end, found.fileBytes, text);
  }

  // Bytes.

  private FileChannel open() {
    if (open == null) {
      throw new IllegalStateException("not open");
    }
    return open;
  }

  private @Nullable Framed messageAt(long at) throws IOException {
    if (framing == null) {
      throw new IllegalStateException("not open");
    }
    try {
      Framed framed = framing.message(at);
      return framed == null || framed.end() > end ? null : framed;
    } catch (MalformedTraceException | RuntimeException e) {
      return null;
    }
  }

  private boolean isEndMark(long at) throws IOException {
    ByteBuffer mark = ByteBuffer.wrap(bytes(at, 8)).order(ByteOrder.LITTLE_ENDIAN);
    return at + 8 <= end && mark.getInt(0) == -1 && mark.getInt(4) == 0;
  }

  /** Whether a message begins here, or the batches end. */
  private boolean isBoundary(long at) throws IOException {
    return at == end || isEndMark(at) || messageAt(at) != null || claimedRows(at) >= 0;
  }

  private boolean skipsListed(long from, long to) {
    int next = Arrays.binarySearch(listed, from + 1);
    int index = next >= 0 ? next : -1 - next;
    return index < listed.length && listed[index] < to;
  }

  private static long claimedRows(Message message) {
    try {
      RecordBatch header = (RecordBatch) message.header(new RecordBatch());
      return header == null || header.length() < 0 ? -1 : header.length();
    } catch (RuntimeException e) {
      return -1;
    }
  }

  /** Rows that the header of a torn batch claims; -1 where not even the header is whole. */
  private long claimedRows(long at) throws IOException {
    ByteBuffer prefix = ByteBuffer.wrap(bytes(at, 8)).order(ByteOrder.LITTLE_ENDIAN);
    int length = prefix.getInt(Integer.BYTES);
    if (prefix.getInt(0) != -1
        || length <= 0
        || length > Resync.MOST_METADATA
        || at + 8 + length > found.fileBytes) {
      return -1;
    }
    ByteBuffer table = ByteBuffer.wrap(bytes(at + 8, length)).order(ByteOrder.LITTLE_ENDIAN);
    try {
      Message message = Message.getRootAsMessage(table);
      return message.headerType() == MessageHeader.RecordBatch ? claimedRows(message) : -1;
    } catch (RuntimeException e) {
      return -1;
    }
  }

  /** So many bytes from an offset on; behind the end of the file they are zero. */
  private byte[] bytes(long at, int count) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(count);
    long offset = at;
    while (target.hasRemaining()) {
      int n = open().read(target, offset);
      if (n < 0) {
        break;
      }
      offset += n;
    }
    return target.array();
  }
}
