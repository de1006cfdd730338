package dev.kstrace.traces;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.kstrace.traces.SchemaReader.Layout;
import dev.kstrace.traces.SchemaReader.SchemaException;
import dev.kstrace.traces.TraceReader.Framed;
import dev.kstrace.traces.TraceStructure.Part;
import dev.kstrace.traces.TraceStructure.SchemaSource;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flatbuf.Footer;
import org.apache.arrow.flatbuf.MessageHeader;
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

  private static final int TAIL = Integer.BYTES + TraceWriter.MAGIC.length;
  private static final Layout NO_COLUMNS =
      new Layout(TraceMetadata.asRead(Map.of()), List.of(), Map.of());

  private final TraceStructure found;
  private final TraceBytes bytes;
  private final boolean needsChecksums;
  private final ReadProgress progress;
  private final EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS / 4);
  private final SeqOrder order = new SeqOrder();
  private long[] listed = {};

  private TraceWalk(
      TraceStructure found, TraceBytes bytes, boolean needsChecksums, ReadProgress progress) {
    this.found = found;
    this.bytes = bytes;
    this.needsChecksums = needsChecksums;
    this.progress = progress;
  }

  /**
   * Walks over a file.
   *
   * @param needsChecksums whether a batch without a checksum counts as broken: in a file whose
   *     other batches have one, it was lost with who knows what else
   */
  static TraceStructure over(Path file, boolean needsChecksums, ReadProgress progress)
      throws IOException {
    if (Files.isDirectory(file)) {
      throw new MalformedTraceException(file, "is a directory; expected a trace file (*.arrow)");
    }
    TraceStructure found = new TraceStructure(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        TraceReader messages = new TraceReader(file, channel, NO_COLUMNS)) {
      TraceBytes bytes = new TraceBytes(channel, messages);
      found.fileBytes = bytes.fileBytes();
      new TraceWalk(found, bytes, needsChecksums, progress).walk(messages);
    }
    found.faults.sort(Comparator.comparingLong(Fault::offset));
    return found;
  }

  private void walk(TraceReader messages) throws IOException {
    magic();
    Footer footer = footer(messages);
    long from = schema(footer);
    Layout layout = found.layout;
    if (layout == null) {
      return;
    }
    metadata(layout.metadata());
    try (TraceReader reader = new TraceReader(found.file, bytes.channel(), layout)) {
      batches(reader, from);
    }
    found.firstSeq = order.first();
    found.lastSeq = order.last();
    found.holes = order.holes();
    found.missingSeqs = order.missing();
    if (footer != null) {
      FooterCheck check = new FooterCheck(found, footer, bytes.end());
      check.batches();
      check.schema(layout);
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
    byte[] head = Arrays.copyOf(bytes.get(0, START).array(), TraceWriter.MAGIC.length);
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
    int length = bytes.get(tailAt, TAIL).getInt(0);
    bytes.endAt(tailAt - length);
    found.hasFooter = true;
    return footer;
  }

  // The schema.

  /** Finds a schema and tells where the batches begin. */
  private long schema(@Nullable Footer footer) throws IOException {
    Framed first = bytes.message(START);
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
    long end = bytes.end();
    Resync resync = new Resync(bytes.channel(), found.fileBytes, end, new WholeBatch(reader));
    long at = from;
    while (at < end) {
      progress.at(at, end);
      Framed framed = bytes.message(at);
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
    boolean believed = bytes.isBoundary(framed.end()) && !skipsListed(at, framed.end());
    long next = believed ? framed.end() : resync.next(at + 1);
    fault(Fault.Kind.BATCH, true, at, next, why);
    found.parts.add(
        Part.broken(at, next, believed ? TraceBytes.claimedRows(framed.message()) : -1));
    return next;
  }

  private boolean skipsListed(long from, long to) {
    int next = Arrays.binarySearch(listed, from + 1);
    int index = next >= 0 ? next : -1 - next;
    return index < listed.length && listed[index] < to;
  }

  /** Deals with bytes that are no complete message and tells where to go on. */
  private long noMessage(Resync resync, long at) throws IOException {
    long end = bytes.end();
    boolean endMark = bytes.isEndMark(at);
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
    long claimed = torn ? bytes.claimedRows(at) : -1;
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
      Framed framed = bytes.message(at);
      boolean candidate = framed != null && framed.type() == MessageHeader.RecordBatch;
      return framed != null && candidate ? framed.end() - at : 0;
    }

    @Override
    public boolean isWhole(long at) throws IOException {
      Framed framed = bytes.message(at);
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
    SeqOrder.Rows seqs = order.batch();
    String header = BodyLayout.fault(framed);
    if (header != null) {
      return header;
    }
    try {
      reader.only(framed);
      while (reader.read(batch)) {
        first = rows == 0 ? batch.seq(0) : first;
        seqs.accept(batch, rows);
        rows += batch.rows();
      }
    } catch (MalformedTraceException e) {
      return e.getCause() == null ? "it became shorter while it was read" : reason(e.getCause());
    }
    boolean checked = reader.checkedBatches() > checkedBefore;
    if (found.schemaSource == SchemaSource.ASSUMED && !checked) {
      return "without a schema only batches with a checksum can be believed";
    }
    if (needsChecksums && !checked) {
      return "it has no checksum, but other batches of the file have one";
    }
    if (keep) {
      seqs.keep();
      if (!seqs.fault().isEmpty()) {
        fault(Fault.Kind.SEQ, false, at, framed.end(), seqs.fault());
      }
      found.parts.add(new Part(at, framed.end(), rows, true, first, seqs.last()));
      found.checkedBatches += checked ? 1 : 0;
      found.rows += rows;
      found.wholeBatches++;
    }
    return null;
  }

  private static String reason(Throwable cause) {
    return cause instanceof IOException
        ? String.valueOf(cause.getMessage())
        : "its metadata are broken";
  }
}
