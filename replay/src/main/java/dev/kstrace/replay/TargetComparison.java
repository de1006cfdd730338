package dev.kstrace.replay;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceText;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Drives two targets through one recording and compares what they answer, event by event: by the
 * past of frames, never by addresses. Used once. Not thread-safe.
 */
public final class TargetComparison {
  private static final int KEEP = 1_000;

  private final Side[] sides;
  private final Map<DivergenceKind, Long> counts = new EnumMap<>(DivergenceKind.class);
  private final List<TargetDifference> kept = new ArrayList<>();
  private long compared;

  /**
   * What came of one target. Immutable.
   *
   * @param report how it compares with the recording
   * @param took how long calls took, by operation, none where it was not measured
   * @param mostFrames frames that were out at most
   * @param mostBytes bytes of frames that were out at most, by what is usable, else by FrameSize
   * @param mostPoolBlocks pool blocks that were live at most; null = unknown
   * @param mostPoolBytes their bytes; null = unknown
   */
  public record Measured(
      ReplayReport report,
      Map<Op, Spread> took,
      long mostFrames,
      long mostBytes,
      @Nullable Long mostPoolBlocks,
      @Nullable Long mostPoolBytes) {}

  /**
   * What came of both. Immutable.
   *
   * @param first the first target
   * @param second the second one
   * @param compared events that both were asked for a call
   * @param counts differences by kind, every kind present
   * @param differences the first ones, in order
   */
  public record Result(
      Measured first,
      Measured second,
      long compared,
      Map<DivergenceKind, Long> counts,
      List<TargetDifference> differences) {
    /** Whether the two differ in something that callers may rely on. */
    public boolean differ() {
      return counts.entrySet().stream()
          .anyMatch(entry -> entry.getKey().isContract() && entry.getValue() > 0);
    }
  }

  /** One target on its way. */
  private static final class Side {
    final EventBatch in = new EventBatch(TraceWriter.BATCH_ROWS);
    final Answers answers = new Answers(TraceWriter.BATCH_ROWS);
    final ReplayRun run;
    boolean goesOn = true;

    Side(ReplayTarget target, ReplayOptions options, LongSupplier clock) {
      ReplayedRows nowhere = new ReplayedRows(new EventBatch(TraceWriter.BATCH_ROWS), null);
      run = new ReplayRun(target, options, in, nowhere, answers, clock);
    }

    void take(TraceReader reader) throws IOException {
      goesOn = goesOn && run.take(reader::read);
    }

    /** Rows of the batch at hand that were replayed. */
    int rows() {
      return in.rows() == 0 ? 0 : run.rowsDone();
    }

    Measured end(boolean completeStart) throws IOException {
      List<TargetNote> pool = run.pool();
      TargetNote most = pool.isEmpty() ? null : pool.get(pool.size() - 1);
      ReplayReport report = run.end(completeStart);
      return new Measured(
          report,
          answers.took(),
          answers.mostFrames(),
          answers.mostBytes(),
          most == null ? null : most.a(),
          most == null ? null : most.b());
    }
  }

  private TargetComparison(Side first, Side second) {
    sides = new Side[] {first, second};
    for (DivergenceKind kind : DivergenceKind.values()) {
      counts.put(kind, 0L);
    }
  }

  /**
   * Compares.
   *
   * @param recording the trace that both are driven through
   * @param first a fresh target; not closed
   * @param second another one; not closed
   * @param clock ns, to measure calls of targets in this process
   * @param progress is told how far the recording is read
   * @throws dev.kstrace.traces.MalformedTraceException if the recording is damaged
   * @throws IOException if it cannot be read
   */
  public static Result compare(
      Path recording,
      ReplayTarget first,
      ReplayTarget second,
      ReplayOptions options,
      LongSupplier clock,
      ReadProgress progress)
      throws IOException {
    Side a = new Side(first, options, clock);
    Side b = new Side(second, options, clock);
    return new TargetComparison(a, b).run(recording, progress);
  }

  private Result run(Path recording, ReadProgress progress) throws IOException {
    try (TraceReader one = TraceReader.open(recording);
        TraceReader other = TraceReader.open(recording)) {
      boolean complete = one.metadata().completeStart();
      boolean both = true;
      while (sides[0].goesOn || sides[1].goesOn) {
        sides[0].take(one);
        sides[1].take(other);
        progress.at(one.position(), one.fileBytes());
        if (both) {
          compareRows();
        }
        both = sides[0].goesOn && sides[1].goesOn;
      }
      Measured first = sides[0].end(complete);
      Measured second = sides[1].end(complete);
      return new Result(first, second, compared, counts, List.copyOf(kept));
    }
  }

  private void compareRows() {
    int rows = Math.min(sides[0].rows(), sides[1].rows());
    for (int row = 0; row < rows; row++) {
      compare(row);
    }
  }

  private void compare(int row) {
    Answers a = sides[0].answers;
    Answers b = sides[1].answers;
    if (a.what(row) == Answers.NONE && b.what(row) == Answers.NONE) {
      return;
    }
    compared++;
    DivergenceKind kind = difference(a, b, row);
    if (kind == null) {
      return;
    }
    counts.merge(kind, 1L, Long::sum);
    if (kept.size() < KEEP) {
      EventBatch in = sides[0].in;
      kept.add(
          new TargetDifference(
              in.seq(row),
              in.op(row),
              kind,
              in.has(row, EventBatch.CONTEXT) ? in.context(row) : null,
              TraceText.format(in.event(row)),
              words(a, row, kind),
              words(b, row, kind)));
    }
  }

  /** In what two answers differ, in what callers may rely on before all else. */
  private static @Nullable DivergenceKind difference(Answers a, Answers b, int row) {
    if (a.what(row) != b.what(row)) {
      boolean waits = a.what(row) == Answers.WAITS || b.what(row) == Answers.WAITS;
      return waits ? DivergenceKind.BLOCKED : DivergenceKind.SKIPPED;
    }
    if (a.status(row) != b.status(row)) {
      return DivergenceKind.STATUS;
    }
    if (a.isNull(row) != b.isNull(row)) {
      return DivergenceKind.NULLNESS;
    }
    if (a.wasInUse(row) != b.wasInUse(row)) {
      return DivergenceKind.ALIAS;
    }
    if (a.irql(row) != b.irql(row) && a.irql(row) >= 0 && b.irql(row) >= 0) {
      return DivergenceKind.IRQL;
    }
    return a.before(row) == b.before(row) ? null : DivergenceKind.REUSE;
  }

  private static String words(Answers answers, int row, DivergenceKind kind) {
    return switch (kind) {
      case STATUS -> NtStatus.format(answers.status(row));
      case NULLNESS -> answers.isNull(row) ? Comparison.NULL : "a frame";
      case ALIAS -> answers.wasInUse(row) ? "a frame still in use" : "a frame that was free";
      case IRQL -> "returned at " + dev.kstrace.traces.Irql.format(answers.irql(row));
      case SKIPPED, BLOCKED ->
          switch (answers.what(row)) {
            case Answers.LEFT_OUT -> "not called, as its allocator or frame does not exist";
            case Answers.WAITS -> "waits for a later call";
            default -> "returned";
          };
      case REUSE ->
          answers.before(row) == 0
              ? "an address never used before"
              : "the address of allocation " + answers.before(row);
    };
  }
}
