package dev.kstrace.traces;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a walk over a whole trace file found: its record batches, whole and broken ones, and
 * everything that is wrong, each with its place. Immutable once made.
 *
 * <p>The walk does not stop at a fault. Behind bytes that are no message it goes on at the next
 * place where a record batch begins that passes every check of {@link TraceReader}.
 */
public final class TraceStructure {
  /** More are counted and not kept. */
  static final int MOST_FAULTS = 10_000;

  /** Where the schema was read from. */
  public enum SchemaSource {
    /** From the beginning of the file, as it should be. */
    MESSAGE,
    /** From the footer: the one at the beginning is broken. */
    FOOTER,
    /** From nowhere: the columns are those that kstrace itself writes, the metadata are lost. */
    ASSUMED,
    /** There is none, so that nothing can be read. */
    NONE
  }

  /**
   * A piece of the file: a record batch, or bytes that cannot be read as one.
   *
   * @param offset where it begins
   * @param end where it ends, exclusive
   * @param rows its events; of a broken one what its header claims, -1 = not known
   * @param whole whether it can be read
   * @param firstSeq of a whole one with rows: seq of its first row
   * @param lastSeq of a whole one with rows: seq of its last row
   */
  record Part(long offset, long end, long rows, boolean whole, long firstSeq, long lastSeq) {
    static Part broken(long offset, long end, long claimedRows) {
      return new Part(offset, end, claimedRows, false, 0, 0);
    }
  }

  final Path file;
  final List<Part> parts = new ArrayList<>();
  final List<Fault> faults = new ArrayList<>();
  SchemaReader.@Nullable Layout layout;
  SchemaSource schemaSource = SchemaSource.NONE;
  long fileBytes;
  long moreFaults;
  long damages;
  long rows;
  int wholeBatches;
  int checkedBatches;
  boolean hasFooter;
  long holes;
  long missingSeqs;
  long firstSeq;
  long lastSeq;

  TraceStructure(Path file) {
    this.file = file;
  }

  /**
   * Walks over a file.
   *
   * @throws IOException if the file cannot be read; a file that is no trace is no such case
   */
  public static TraceStructure of(Path file) throws IOException {
    return of(file, ReadProgress.NONE);
  }

  /** As {@link #of(Path)}, telling how far the walk is. */
  public static TraceStructure of(Path file, ReadProgress progress) throws IOException {
    TraceStructure found = TraceWalk.over(file, false, progress);
    boolean mixed = found.checkedBatches > 0 && found.checkedBatches < found.wholeBatches;
    return mixed ? TraceWalk.over(file, true, progress) : found;
  }

  void add(Fault fault) {
    damages += fault.damage() ? 1 : 0;
    if (faults.size() < MOST_FAULTS) {
      faults.add(fault);
    } else {
      moreFaults++;
    }
  }

  /** The file as it was named. */
  public Path file() {
    return file;
  }

  /** Size of the file in bytes. */
  public long fileBytes() {
    return fileBytes;
  }

  /** The metadata, or null where no schema could be read. */
  public @Nullable TraceMetadata metadata() {
    return layout == null ? null : layout.metadata();
  }

  /** Where the schema was read from. */
  public SchemaSource schemaSource() {
    return schemaSource;
  }

  /** All faults by ascending offset; at most ten thousand of them. */
  public List<Fault> faults() {
    return List.copyOf(faults);
  }

  /** Faults that {@link #faults} has no room for. */
  public long moreFaults() {
    return moreFaults;
  }

  /** Whether some fault is damage, see {@link Fault#damage}. */
  public boolean isDamaged() {
    return damages > 0;
  }

  /** Record batches that can be read. */
  public int batches() {
    return wholeBatches;
  }

  /** Record batches whose checksum is there, and right; other readable ones have none. */
  public int checkedBatches() {
    return checkedBatches;
  }

  /** Events in the batches that can be read. */
  public long rows() {
    return rows;
  }

  /** Whether the file ends in a footer that can be read. */
  public boolean hasFooter() {
    return hasFooter;
  }

  /** Places where numbers are missing in {@code seq}, between the events that can be read. */
  public long holes() {
    return holes;
  }

  /** Numbers that are missing in {@code seq}, between the events that can be read. */
  public long missingSeqs() {
    return missingSeqs;
  }

  /** Lowest {@code seq} of the first event that can be read; meaningless without one. */
  public long firstSeq() {
    return firstSeq;
  }

  /** {@code seq} of the last event that can be read; meaningless without one. */
  public long lastSeq() {
    return lastSeq;
  }

  /** Pieces of the file that cannot be read as events. */
  public int brokenParts() {
    return (int) parts.stream().filter(part -> !part.whole()).count();
  }

  /** Bytes of the pieces that cannot be read as events. */
  public long brokenBytes() {
    return parts.stream()
        .filter(part -> !part.whole())
        .mapToLong(part -> part.end() - part.offset())
        .sum();
  }
}
