package dev.kstrace.traces;

import dev.kstrace.traces.SchemaReader.Layout;
import dev.kstrace.traces.TraceReader.Framed;
import dev.kstrace.traces.TraceStructure.Part;
import dev.kstrace.traces.TraceStructure.SchemaSource;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a valid trace of what is whole in a damaged one.
 *
 * <p>A batch is kept only if all of it can be read; where one is missing the new trace has an
 * {@code events_lost}, so that no rule accuses anybody of what the damage hid. Nothing is invented:
 * no {@code trace_end}, no event, no time. Immutable.
 */
public final class TraceRecovery {
  private static final String KEY = "kstrace.recovered";

  private final TraceStructure structure;
  private final List<Gap> gaps;

  /**
   * A place where events are missing, or may be.
   *
   * @param offset where the bytes begin that could not be read
   * @param bytes how many
   * @param batches how many batches were broken there; garbage counts as one
   * @param events how many events are lost; null = not known
   * @param firstSeq the first number missing in {@code seq}; null = not known
   * @param lastSeq the last number missing in {@code seq}; null = not known
   */
  public record Gap(
      long offset,
      long bytes,
      int batches,
      @Nullable Long events,
      @Nullable Long firstSeq,
      @Nullable Long lastSeq) {

    /** Whether the numbers around the gap show that no event is missing. */
    public boolean isHarmless() {
      return events != null && events == 0;
    }
  }

  private TraceRecovery(TraceStructure structure) {
    this.structure = structure;
    this.gaps = gaps(structure.parts);
  }

  /** What can be rescued of a file; writes nothing. */
  public static TraceRecovery of(TraceStructure structure) {
    return new TraceRecovery(structure);
  }

  /** Every place where bytes could not be read as events, in the order of the file. */
  public List<Gap> gaps() {
    return gaps;
  }

  /** Whether there is nothing to rescue although there should be. */
  public boolean isNothing() {
    return structure.layout == null
        || (structure.rows == 0 && (structure.isDamaged() || isPartial()));
  }

  /** Whether events or metadata are missing in the rescued trace. */
  public boolean isPartial() {
    return structure.schemaSource == SchemaSource.ASSUMED
        || gaps.stream().anyMatch(gap -> !gap.isHarmless());
  }

  /** Events that are known to be lost; more may be, see {@link #lostUnknown}. */
  public long lost() {
    return gaps.stream().mapToLong(gap -> gap.events() == null ? 0 : gap.events()).sum();
  }

  /** Whether the number of lost events is not known in some gap. */
  public boolean lostUnknown() {
    return gaps.stream().anyMatch(gap -> gap.events() == null);
  }

  /** Joins neighbouring broken parts and finds out what is missing there. */
  private static List<Gap> gaps(List<Part> parts) {
    List<Gap> gaps = new ArrayList<>();
    Part before = null;
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      if (part.whole()) {
        before = part.rows() > 0 ? part : before;
        continue;
      }
      int end = i;
      long claimed = 0;
      while (end < parts.size() && !(parts.get(end).whole() && parts.get(end).rows() > 0)) {
        Part broken = parts.get(end++);
        claimed = claimed < 0 || broken.rows() < 0 ? -1 : claimed + broken.rows();
      }
      Part last = parts.get(end - 1);
      Part after = end < parts.size() ? parts.get(end) : null;
      gaps.add(gap(part.offset(), last.end(), end - i, claimed, before, after));
      i = end - 1;
    }
    return List.copyOf(gaps);
  }

  private static Gap gap(
      long offset,
      long end,
      int batches,
      long claimed,
      @Nullable Part before,
      @Nullable Part after) {
    Long known = claimed < 0 ? null : Long.valueOf(claimed);
    if (before == null || after == null) {
      Long first = before == null ? null : Long.valueOf(before.lastSeq() + 1);
      Long last = after == null ? null : Long.valueOf(after.firstSeq() - 1);
      boolean isFirst = after != null && after.firstSeq() == 0;
      return new Gap(offset, end - offset, batches, isFirst ? Long.valueOf(0) : known, first, last);
    }
    long from = before.lastSeq() + 1;
    long missing = after.firstSeq() - from;
    boolean rises = Long.compareUnsigned(after.firstSeq(), before.lastSeq()) > 0;
    return rises
        ? new Gap(offset, end - offset, batches, missing, from, after.firstSeq() - 1)
        : new Gap(offset, end - offset, batches, null, null, null);
  }

  /**
   * Writes the rescued trace.
   *
   * @param output where to
   * @param overwrite whether an existing file is replaced
   * @param progress told how far the reading is
   * @throws IOException if that fails; nothing is left behind then
   */
  public void write(Path output, boolean overwrite, ReadProgress progress) throws IOException {
    Layout layout = structure.layout;
    if (layout == null) {
      throw new IllegalStateException("nothing to write, file=" + structure.file());
    }
    try (FileChannel channel = FileChannel.open(structure.file(), StandardOpenOption.READ);
        TraceReader reader = new TraceReader(structure.file(), channel, layout);
        NewTrace trace = NewTrace.create(output, metadata(layout.metadata()), overwrite)) {
      copy(reader, trace.writer(), progress);
      trace.commit();
    }
  }

  private TraceMetadata metadata(TraceMetadata before) {
    TraceMetadata metadata =
        before
            .with(TraceMetadata.VERSION, TraceMetadata.CURRENT_VERSION)
            .with(KEY, isPartial() ? "partly" : "wholly");
    if (!gaps.isEmpty()) {
      metadata =
          metadata
              .with(KEY + ".lost_bytes", Long.toString(structure.brokenBytes()))
              .with(KEY + ".lost_events", lostUnknown() ? "unknown" : Long.toString(lost()));
    }
    if (structure.schemaSource == SchemaSource.ASSUMED) {
      metadata = metadata.with(KEY + ".schema", "assumed");
    }
    Part first = structure.parts.isEmpty() ? null : structure.parts.get(0);
    boolean startLost = first != null && !first.whole() && !gaps.get(0).isHarmless();
    if (startLost && before.get(TraceMetadata.COMPLETE_START) != null) {
      metadata = metadata.with(TraceMetadata.COMPLETE_START, "false");
      if (before.get(TraceMetadata.ENDED_FORGOTTEN) != null) {
        metadata = metadata.with(TraceMetadata.ENDED_FORGOTTEN, "false");
      }
    }
    long snapshot = Math.min(before.snapshotRows(), rowsBeforeLoss());
    return before.snapshotRows() == 0
        ? metadata
        : metadata.with(TraceMetadata.SNAPSHOT_ROWS, Long.toString(snapshot));
  }

  /** Rows in front of the first gap: behind it nobody knows which belong to a snapshot. */
  private long rowsBeforeLoss() {
    long rows = 0;
    for (Part part : structure.parts) {
      if (!part.whole()) {
        break;
      }
      rows += part.rows();
    }
    return rows;
  }

  private void copy(TraceReader reader, TraceWriter writer, ReadProgress progress)
      throws IOException {
    EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);
    EventBatch loss = new EventBatch(1);
    int gap = 0;
    long time = 0;
    for (Part part : structure.parts) {
      if (!part.whole()) {
        continue;
      }
      Framed framed = reader.message(part.offset());
      if (framed == null) {
        throw new IOException("the file changed while it was read");
      }
      reader.only(framed);
      progress.at(part.offset(), structure.fileBytes());
      while (reader.read(batch)) {
        for (; gap < gaps.size() && gaps.get(gap).offset() < part.offset(); gap++) {
          writeLoss(writer, loss, gaps.get(gap), batch.tEntry(0));
        }
        writer.write(batch);
        time = batch.tEntry(batch.rows() - 1);
      }
    }
    for (; gap < gaps.size(); gap++) {
      writeLoss(writer, loss, gaps.get(gap), time);
    }
  }

  private static void writeLoss(TraceWriter writer, EventBatch batch, Gap gap, long time)
      throws IOException {
    if (gap.isHarmless()) {
      return;
    }
    Long seq = gap.lastSeq() != null ? gap.lastSeq() : gap.firstSeq();
    // Where rows around the gap are out of order no number is free, and order is lost already.
    long place = seq == null ? -1 : seq;
    String cause = "damaged at byte " + gap.offset();
    new LossLog.Loss(0, place, time, gap.events(), cause).fill(batch, 0);
    batch.setRows(1);
    writer.write(batch);
  }
}
