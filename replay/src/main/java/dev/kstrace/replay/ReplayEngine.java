package dev.kstrace.replay;

import dev.kstrace.traces.Column;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.NewTrace;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Re-drives an allocator through a recording, call by call in the recorded order, on the calling
 * thread.
 *
 * <p>Callback-layer calls are sent exactly as recorded, wrong ones included; contexts and frames
 * are translated to the target's own by generation. An address that the target does not know by
 * recording is sent as it is, moved only where the target itself once returned that very value, so
 * that a wrong call stays wrong in the same way. What the target did becomes a new trace with the
 * recorded order, threads, times and entry IRQLs: replay is a function of recording and target, and
 * two runs give the same bytes.
 *
 * <p>Where the target made something that the recording has no call to release (a frame where the
 * recording has NULL, an allocator where it has an error, two frames where it has one address
 * twice), the engine adds that call, so that the difference shows as a divergence and not as a leak
 * as well. Calls on what the target refused to make are left out and leave a mark in their place.
 *
 * <p>Client-layer rows are not driven. They are copied with the target's context and, where the
 * frame is known at the callback layer, the target's frame.
 *
 * <p>The target is only called by the thread that runs the engine; of a recording of more than one
 * batch the next events are read meanwhile on another. Buffers are reused between runs. Not
 * thread-safe.
 */
public final class ReplayEngine {
  /** Metadata: the target's name. */
  public static final String TARGET_KEY = "kstrace.replay.target";

  /** Metadata: which recording was replayed, in words; the first one where replays are replayed. */
  public static final String OF_KEY = "kstrace.replay.of";

  /** Metadata: "true" where recorded calls overlapped and were replayed one by one. */
  public static final String SERIALISED_KEY = "kstrace.replay.serialised";

  /** Metadata: what decided everything that a simulated device left to chance. */
  static final String SEED_KEY = "kstrace.seed";

  private final ReplayOptions options;
  private final EventBatch in;
  private final EventBatch out;
  private final ReadProgress progress;

  /** Where recorded events come from; {@link TraceReader#read} is one. */
  @FunctionalInterface
  public interface Source {
    /**
     * Fills the batch from row 0 on; false at the end, the batch then has no rows. Asked by one
     * thread at a time, behind the first batch not always by the one that runs the engine.
     */
    boolean read(EventBatch into) throws IOException;
  }

  /** Where replayed events go; {@link TraceWriter#write} is one. */
  @FunctionalInterface
  public interface Sink {
    /** Stores rows; the batch is used again afterwards. */
    void write(EventBatch batch, int fromRow, int rows) throws IOException;
  }

  /** An engine with buffers of the size that suits trace files. */
  public ReplayEngine(ReplayOptions options) {
    this(options, TraceWriter.BATCH_ROWS);
  }

  /** An engine for many short recordings; {@code batchRows} is at least 1. */
  public ReplayEngine(ReplayOptions options, int batchRows) {
    this(options, new EventBatch(batchRows), new EventBatch(batchRows), ReadProgress.NONE);
  }

  private ReplayEngine(
      ReplayOptions options, EventBatch in, EventBatch out, ReadProgress progress) {
    this.options = options;
    this.in = in;
    this.out = out;
    this.progress = progress;
  }

  /**
   * The same engine, which tells how much of a recording is read for the replay; it shares the
   * buffers. The listener is told by one thread at a time, which may be another than the caller's.
   */
  public ReplayEngine telling(ReadProgress listener) {
    return new ReplayEngine(options, in, out, listener);
  }

  /**
   * Replays a trace file.
   *
   * @param recording the file; one without footer is replayed as far as it can be read
   * @param target a fresh target; not closed
   * @param replayed where to write what the target did; null = nowhere
   * @param overwrite whether an existing {@code replayed} is replaced
   * @throws java.nio.file.FileAlreadyExistsException if {@code replayed} exists and {@code
   *     overwrite} is false
   * @throws dev.kstrace.traces.MalformedTraceException if the recording is damaged
   * @throws IOException if a file cannot be read or written
   */
  public ReplayReport run(
      Path recording, ReplayTarget target, @Nullable Path replayed, boolean overwrite)
      throws IOException {
    ReplayReport report = drive(recording, target, replayed, overwrite);
    TargetDeath death = report.death();
    if (death == null) {
      return report;
    }
    return report.with(death.withStory(Story.of(recording, death.seq())), report.survived());
  }

  /** Makes fresh targets, each in the same way. */
  @FunctionalInterface
  public interface TargetSource {
    /** A fresh target. */
    ReplayTarget open();
  }

  /**
   * Replays a trace file; where the target dies, once more from the start on a fresh one without
   * the call in which it died, and so on. The replayed trace is that of the last attempt.
   *
   * @param recording as in {@link #run(Path, ReplayTarget, Path, boolean)}
   * @param targets makes a target for each attempt; it is closed
   * @param replayed as there
   * @param overwrite as there
   * @param most how many deaths to go past, at least 0
   * @return the last report, with the deaths before it
   * @throws IOException as there
   */
  public ReplayReport runPastDeaths(
      Path recording, TargetSource targets, @Nullable Path replayed, boolean overwrite, int most)
      throws IOException {
    Map<Long, String> leaveOut = new LinkedHashMap<>(options.leaveOut());
    List<TargetDeath> survived = new ArrayList<>();
    while (true) {
      ReplayReport report;
      try (ReplayTarget target = targets.open()) {
        ReplayEngine again = new ReplayEngine(options.leavingOut(leaveOut), in, out, progress);
        report = again.run(recording, target, replayed, overwrite || !survived.isEmpty());
      }
      TargetDeath death = report.death();
      if (death == null || survived.size() == most || leaveOut.containsKey(death.seq())) {
        return report.with(death, survived);
      }
      survived.add(death);
      leaveOut.put(death.seq(), "the target died in it, " + death.reason());
    }
  }

  private ReplayReport drive(
      Path recording, ReplayTarget target, @Nullable Path replayed, boolean overwrite)
      throws IOException {
    try (TraceReader reader = TraceReader.open(recording)) {
      Source source = watched(reader);
      if (replayed == null) {
        return run(source, reader.metadata(), target, null);
      }
      TraceMetadata metadata = metadata(reader.metadata(), target, hasOverlaps(recording));
      try (NewTrace trace = NewTrace.create(replayed, metadata, overwrite)) {
        ReplayReport report = run(source, reader.metadata(), target, trace.writer()::write);
        trace.commit();
        return report;
      }
    }
  }

  private Source watched(TraceReader reader) {
    return batch -> {
      boolean more = reader.read(batch);
      progress.at(reader.position(), reader.fileBytes());
      return more;
    };
  }

  /**
   * Replays events from anywhere.
   *
   * @param source recorded events in order
   * @param metadata the recording's metadata
   * @param target a fresh target; not closed
   * @param sink what the target did; null = nowhere
   * @throws IOException if the source or the sink fails
   */
  public ReplayReport run(
      Source source, TraceMetadata metadata, ReplayTarget target, @Nullable Sink sink)
      throws IOException {
    ReplayRun run = new ReplayRun(target, options, in, new ReplayedRows(out, sink));
    return run.replay(source, metadata.completeStart());
  }

  /** The metadata of a replayed trace: the recording's, and that it is a replay of it. */
  public static TraceMetadata metadata(
      TraceMetadata recording, ReplayTarget target, boolean serialised) {
    TraceMetadata metadata =
        recording
            .with(TraceMetadata.ORIGIN, "replayed")
            .with(TARGET_KEY, target.name())
            .with(OF_KEY, describe(recording));
    if (target.syntheticAddresses()) {
      metadata = metadata.with(TraceMetadata.SYNTHETIC_ADDRESSES, "true");
    }
    return serialised ? metadata.with(SERIALISED_KEY, "true") : metadata;
  }

  private static String describe(TraceMetadata recording) {
    String before = recording.get(OF_KEY);
    if (before != null) {
      return before;
    }
    StringBuilder text = new StringBuilder();
    text.append(Objects.requireNonNullElse(recording.get(TraceMetadata.ORIGIN), "unknown origin"));
    String producer = recording.get(TraceMetadata.PRODUCER);
    if (producer != null) {
      text.append(", ").append(producer);
    }
    String seed = recording.get(SEED_KEY);
    if (seed != null) {
      text.append(", seed ").append(seed);
    }
    return text.toString();
  }

  /**
   * Metadata come first in the file, so whether calls overlap has to be known before the replay.
   */
  private boolean hasOverlaps(Path recording) throws IOException {
    RecordingWatch watch = new RecordingWatch();
    EnumSet<Column> times = EnumSet.of(Column.OP, Column.LAYER, Column.T_ENTRY, Column.T_EXIT);
    try (TraceReader reader = TraceReader.open(recording, times)) {
      while (!watch.overlaps() && reader.read(in)) {
        for (int row = 0; row < in.rows(); row++) {
          watch.seeTimes(in, row);
        }
      }
    }
    return watch.overlaps();
  }
}
