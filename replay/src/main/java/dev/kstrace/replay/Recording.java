package dev.kstrace.replay;

import dev.kstrace.traces.Column;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;

/**
 * A recording that is wholly in memory, some 120 bytes an event, with what each of its rows means.
 * Rows are numbered from 0 on in file order. Not to be changed once made; not thread-safe.
 */
public final class Recording {
  private static final int READ_ROWS = 4_096;

  private final TraceMetadata metadata;
  private final EventBatch events;
  private final CallResolver resolver = new CallResolver();
  private final RecordedCalls calls;
  private final boolean lossy;
  private final boolean overlapping;

  private Recording(TraceMetadata metadata, EventBatch events) {
    this.metadata = metadata;
    this.events = events;
    this.calls = new RecordedCalls(events.rows());
    resolver.resolve(events, events.rows(), calls);
    RecordingWatch watch = new RecordingWatch();
    for (int row = 0; row < events.rows(); row++) {
      watch.see(events, row);
    }
    this.lossy = watch.firstLoss() != null;
    this.overlapping = watch.overlaps();
  }

  /**
   * Reads a trace file; one without footer as far as it goes.
   *
   * @throws dev.kstrace.traces.MalformedTraceException if it is damaged
   * @throws IOException if it cannot be read
   */
  public static Recording read(Path file) throws IOException {
    EventBatch part = new EventBatch(READ_ROWS);
    int rows = 0;
    try (TraceReader reader = TraceReader.open(file, EnumSet.of(Column.OP))) {
      while (reader.read(part)) {
        rows = Math.addExact(rows, part.rows());
      }
    }
    EventBatch all = new EventBatch(Math.max(1, rows));
    try (TraceReader reader = TraceReader.open(file)) {
      while (reader.read(part) && all.rows() < rows) {
        for (int row = 0; row < part.rows(); row++) {
          all.copy(all.rows(), part, row);
          all.setRows(all.rows() + 1);
        }
      }
      return new Recording(reader.metadata(), all);
    }
  }

  /** A recording of some events. */
  public static Recording of(TraceMetadata metadata, List<TraceEvent> events) {
    EventBatch all = new EventBatch(Math.max(1, events.size()));
    events.forEach(all::add);
    return new Recording(metadata, all);
  }

  /** The trace's metadata. */
  public TraceMetadata metadata() {
    return metadata;
  }

  /** All events; not to be changed. */
  public EventBatch events() {
    return events;
  }

  /** How many events there are. */
  public int rows() {
    return events.rows();
  }

  /** Whether events were lost, so that it cannot be said what depends on what. */
  public boolean isLossy() {
    return lossy;
  }

  /** Whether recorded calls overlapped. */
  public boolean hasOverlaps() {
    return overlapping;
  }

  /** The number of the allocator that a row means, ascending from 0; -1 = none or unknown. */
  public int allocator(int row) {
    return calls.allocator(row);
  }

  /** What a row does to the frames that are out: 1 an allocate, -1 the free of a live frame. */
  public int framesOut(int row) {
    if (calls.ends(row)) {
      return -1;
    }
    boolean made = calls.number(row) != 0 && calls.slot(row) != FrameTable.NONE;
    return made && !calls.isTwice(row) ? 1 : 0;
  }

  /** Frames of an allocator that may be out at once as its framing says; 0 = any, or unknown. */
  public long frameLimit(int allocator) {
    return resolver.allocators().frameLimit(allocator);
  }

  /** The number of an allocation in order, ascending from 1; 0 = the row is none. */
  public long allocation(int row) {
    return calls.number(row);
  }

  /** The start of the frame that a row names, which may have been freed inside of it. */
  public long frameStart(int row) {
    return events.frame(row) - calls.inside(row);
  }

  /** Whether a row's call may be inside while the next one is made. */
  public boolean canLetIn(int row) {
    return framesOut(row) != 0;
  }
}
