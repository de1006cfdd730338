package dev.kstrace.replay;

import dev.kstrace.replay.Standing.Allocator;
import dev.kstrace.replay.Standing.Frame;
import dev.kstrace.replay.Standing.Pool;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceEvent;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A replay that can be moved forward and back, event by event.
 *
 * <p>Back means: a fresh target, driven to the place. A target's state is its own and cannot be
 * copied, but it follows from the calls, and a million of them take less than a second; see
 * docs/replay.md for how long. Not thread-safe.
 */
public final class ReplaySession implements Closeable {
  private static final int BATCH = 4_096;

  private final Recording recording;
  private final Supplier<ReplayTarget> targets;
  private final EventBatch in = new EventBatch(BATCH);
  private final EventBatch out = new EventBatch(BATCH);
  private final List<TraceEvent> answer = new ArrayList<>();
  private final int[] allocateRows;
  private ReplayTarget target;
  private ReplayRun run;
  private boolean keeping;
  private int place;

  /**
   * A session in front of the first event.
   *
   * @param targets makes a fresh target, at first and for each way back; it is closed
   */
  public ReplaySession(Recording recording, Supplier<ReplayTarget> targets) {
    this.recording = recording;
    this.targets = targets;
    int allocations = 0;
    for (int row = 0; row < recording.rows(); row++) {
      allocations = (int) Math.max(allocations, recording.allocation(row));
    }
    allocateRows = new int[allocations + 1];
    for (int row = 0; row < recording.rows(); row++) {
      allocateRows[(int) recording.allocation(row)] = row;
    }
    target = targets.get();
    run = start();
  }

  private ReplayRun start() {
    ReplayedRows rows = new ReplayedRows(out, this::wrote);
    return new ReplayRun(target, ReplayOptions.DEFAULTS, in, rows);
  }

  private void wrote(EventBatch batch, int from, int rows) {
    for (int row = from; keeping && row < from + rows; row++) {
      answer.add(batch.event(row));
    }
  }

  /** How many events are done. */
  public int place() {
    return place;
  }

  /**
   * Goes to a place; where the target dies on the way, to where it died.
   *
   * @param wanted events that shall be done, 0 to all
   * @throws IOException if a target cannot be closed
   */
  public void moveTo(int wanted) throws IOException {
    if (wanted < place) {
      target.close();
      target = targets.get();
      run = start();
      place = 0;
      answer.clear();
    } else if (wanted == place) {
      return;
    }
    drive(wanted - 1);
    run.flush();
    answer.clear();
    keeping = true;
    drive(wanted);
    run.flush();
    keeping = false;
  }

  /**
   * Goes forward, but not past the first event whose answer differs in what callers may rely on.
   *
   * @param wanted events that shall be done, at least those that are
   * @return whether such an event was met
   */
  public boolean moveToDivergence(int wanted) throws IOException {
    run.watchDivergence();
    for (int next = place; next < wanted && death() == null; ) {
      next = Math.min(wanted, next + BATCH);
      moveTo(next);
      if (run.divergedAt() >= 0) {
        moveTo((int) run.divergedAt());
        return true;
      }
    }
    return false;
  }

  private void drive(int to) throws IOException {
    while (place < to && run.death() == null) {
      run.take(into -> fill(into, to));
      place = (int) run.events();
    }
  }

  private boolean fill(EventBatch into, int to) {
    into.clear();
    for (int row = place; row < to && !into.isFull(); row++) {
      into.copy(into.rows(), recording.events(), row);
      into.setRows(into.rows() + 1);
    }
    return into.rows() > 0;
  }

  /** How the target died; null = it is alive. */
  public @Nullable TargetDeath death() {
    return run.death();
  }

  /** What became of the last event, as rows of a replayed trace; empty before the first one. */
  public List<TraceEvent> answer() {
    return List.copyOf(answer);
  }

  /** How the target compares with the recording so far. */
  public ReplayReport report() {
    return run.report(recording.metadata().completeStart());
  }

  /** Recorded frames that are out, in order of their addresses' first use. */
  public List<Frame> frames() {
    FrameTable frames = run.recorded().frames();
    List<Frame> live = new ArrayList<>();
    for (int slot = 0; slot < frames.slots(); slot++) {
      if (frames.isLive(slot)) {
        int row = allocateRows[(int) frames.ordinal(slot)];
        live.add(
            new Frame(
                recording.events().seq(row),
                frames.allocator(slot),
                frames.address(slot),
                run.books().frame(slot),
                run.books().frameBytes(slot)));
      }
    }
    return live;
  }

  /** Recorded allocators that were not deleted, in order. */
  public List<Allocator> allocators() {
    AllocatorTable table = run.recorded().allocators();
    TargetBooks books = run.books();
    List<Allocator> live = new ArrayList<>();
    for (int i = 0; i < table.count(); i++) {
      if (!table.isDeleted(i)) {
        boolean made = books.knows(i) && !books.isRefused(i);
        live.add(
            new Allocator(
                i,
                table.context(i),
                made ? books.context(i) : null,
                table.framing(i),
                table.framesOut(i)));
      }
    }
    return live;
  }

  /** Pool of a native target by tag, then the most there was; empty = nobody knows. */
  public List<Pool> pool() {
    return Standing.pool(run.pool());
  }

  @Override
  public void close() throws IOException {
    target.close();
  }
}
