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
 * <p>The target only ever goes forward. What it did is kept, and a place behind which it already is
 * is shown from that, whatever the way to it. Not thread-safe.
 */
public final class ReplaySession implements Closeable {
  private static final int BATCH = 4_096;

  private final Recording recording;
  private final Supplier<ReplayTarget> targets;
  private final Tape tape;
  private final int[] allocateRows;
  private final ReplayTarget target;
  private final ReplayRun run;
  private int place;
  private boolean wantsMore;
  private @Nullable Books books;

  /** What the recording and the target have at a place. */
  private record Books(int place, CallResolver recorded, TargetBooks target) {}

  /**
   * A session in front of the first event.
   *
   * @param targets makes a fresh target; it is closed
   */
  public ReplaySession(Recording recording, Supplier<ReplayTarget> targets) {
    this.recording = recording;
    this.targets = targets;
    this.tape = new Tape(recording.rows());
    int allocations = 0;
    for (int row = 0; row < recording.rows(); row++) {
      allocations = (int) Math.max(allocations, recording.allocation(row));
    }
    allocateRows = new int[allocations + 1];
    for (int row = 0; row < recording.rows(); row++) {
      allocateRows[(int) recording.allocation(row)] = row;
    }
    target = targets.get();
    run = start(target, tape);
    run.recordOn(tape);
  }

  private static ReplayRun start(ReplayTarget of, ReplayEngine.@Nullable Sink sink) {
    ReplayedRows rows = new ReplayedRows(new EventBatch(BATCH), sink);
    return new ReplayRun(of, ReplayOptions.DEFAULTS, new EventBatch(BATCH), rows);
  }

  /** How many events are done. */
  public int place() {
    return place;
  }

  /**
   * Goes to a place; where the target dies on the way, to where it died.
   *
   * @param wanted events that shall be done, 0 to all
   * @throws IOException if a file of the target's cannot be read or written
   */
  public void moveTo(int wanted) throws IOException {
    drive(run, wanted);
    place = Math.min(wanted, driven());
    wantsMore = wanted > place;
  }

  /** How many events the target has done. */
  private int driven() {
    return (int) run.events();
  }

  /**
   * Goes forward, but not past the first event whose answer differs in what callers may rely on.
   *
   * @param wanted events that shall be done, at least those that are
   * @return whether such an event was met
   */
  public boolean moveToDivergence(int wanted) throws IOException {
    int from = place;
    while (true) {
      int met = tape.nextDiverged(from);
      if (met >= 0 && met < wanted) {
        moveTo(met + 1);
        return true;
      }
      if (driven() >= wanted || run.death() != null) {
        moveTo(wanted);
        return false;
      }
      drive(run, Math.min(wanted, driven() + BATCH));
    }
  }

  private void drive(ReplayRun which, int to) throws IOException {
    while (which.events() < to && which.death() == null) {
      which.take(into -> fill(into, (int) which.events(), to));
    }
    which.flush();
  }

  private boolean fill(EventBatch into, int from, int to) {
    into.clear();
    for (int row = from; row < to && !into.isFull(); row++) {
      into.copy(into.rows(), recording.events(), row);
      into.setRows(into.rows() + 1);
    }
    return into.rows() > 0;
  }

  /** How the target died in the event behind the place; null = it did not, or was not asked to. */
  public @Nullable TargetDeath death() {
    return wantsMore ? run.death() : null;
  }

  /** What became of the last event, as rows of a replayed trace; empty before the first one. */
  public List<TraceEvent> answer() {
    return place == 0 ? List.of() : tape.rows(place - 1);
  }

  /** In what the target differed from the recording at the last event; 1,000 of a kind are kept. */
  public List<Divergence> divergences() {
    if (place == 0) {
      return List.of();
    }
    long seq = recording.events().seq(place - 1);
    return run.report(recording.metadata().completeStart()).divergences().stream()
        .filter(each -> each.seq() == seq)
        .toList();
  }

  private Books books() {
    Books known = books;
    if (known == null || known.place != place) {
      if (place == driven() && run.death() == null) {
        return new Books(place, run.recorded(), run.books());
      }
      CallResolver recorded = new CallResolver();
      recorded.resolve(recording.events(), place, new RecordedCalls(place));
      known = new Books(place, recorded, tape.booksAt(place));
      books = known;
    }
    return known;
  }

  /** Recorded frames that are out, in order of their addresses' first use. */
  public List<Frame> frames() {
    Books now = books();
    FrameTable frames = now.recorded.frames();
    List<Frame> live = new ArrayList<>();
    for (int slot = 0; slot < frames.slots(); slot++) {
      if (frames.isLive(slot)) {
        int row = allocateRows[(int) frames.ordinal(slot)];
        live.add(
            new Frame(
                recording.events().seq(row),
                frames.allocator(slot),
                frames.address(slot),
                now.target.frame(slot),
                now.target.frameBytes(slot)));
      }
    }
    return live;
  }

  /** Recorded allocators that were not deleted, in order. */
  public List<Allocator> allocators() {
    Books now = books();
    AllocatorTable table = now.recorded.allocators();
    List<Allocator> live = new ArrayList<>();
    for (int i = 0; i < table.count(); i++) {
      if (!table.isDeleted(i)) {
        boolean made = now.target.knows(i) && !now.target.isRefused(i);
        live.add(
            new Allocator(
                i,
                table.context(i),
                made ? now.target.context(i) : null,
                table.framing(i),
                table.framesOut(i)));
      }
    }
    return live;
  }

  /**
   * Pool of a native target by tag, then the most there was; empty = nobody knows. Only the target
   * knows it, so for a place that it has left behind another one is driven there.
   *
   * @throws IOException if that one cannot be closed
   */
  public List<Pool> pool() throws IOException {
    if (place == driven() || !(target instanceof BatchTarget)) {
      return Standing.pool(run.pool());
    }
    try (ReplayTarget other = targets.get()) {
      ReplayRun again = start(other, null);
      drive(again, place);
      return Standing.pool(again.pool());
    }
  }

  @Override
  public void close() throws IOException {
    target.close();
  }
}
