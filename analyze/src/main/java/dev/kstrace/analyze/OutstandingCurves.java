package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Draws the frames outstanding of every allocator while a trace is read. Of very many allocators
 * those are forgotten that were deleted and have the least to show. Not thread-safe.
 */
final class OutstandingCurves {
  private static final int KEPT = 1024;

  private final List<Allocator> drawn = new ArrayList<>();
  private int most = KEPT;
  private boolean begun;
  private long start;

  /** Takes the initialize of an allocator. */
  void begin(CallFacts call, Allocator allocator) {
    if (drawn.size() >= most) {
      forget();
    }
    allocator.curve = new GrowingCurve(offset(call));
    drawn.add(allocator);
  }

  /** Takes a call at the callbacks of a live allocator. */
  void note(CallFacts call, Allocator allocator) {
    GrowingCurve curve = allocator.curve;
    if (curve != null) {
      curve.step(offset(call), allocator.live(Runs.LAYER));
    }
  }

  /** Takes an ordinary call by the time when it took effect, in ns. */
  void note(long time, Allocator allocator) {
    GrowingCurve curve = allocator.curve;
    if (curve != null) {
      curve.step(sinceFirst(time), allocator.live(Runs.LAYER));
    }
  }

  /** When a call took effect, in ns since the first one; what only sets the scene was before. */
  private long offset(CallFacts call) {
    if (call.scene) {
      return 0;
    }
    EventBatch batch = call.batch;
    int row = call.row;
    boolean atReturn = batch.op(row) <= Op.ALLOCATE.code() && batch.has(row, EventBatch.T_EXIT);
    return sinceFirst(atReturn ? batch.tExit(row) : batch.tEntry(row));
  }

  private long sinceFirst(long time) {
    if (!begun) {
      begun = true;
      start = time;
    }
    return Math.max(0, time - start);
  }

  private void forget() {
    List<Allocator> deleted = new ArrayList<>();
    drawn.stream().filter(allocator -> allocator.deleted).forEach(deleted::add);
    deleted.sort(
        Comparator.comparing(
            OutstandingCurves::undrawn, OutstandingCurve.MOST_INTERESTING.reversed()));
    deleted.subList(0, deleted.size() / 2).forEach(allocator -> allocator.curve = null);
    drawn.removeIf(allocator -> allocator.curve == null);
    most = Math.max(KEPT, 2 * drawn.size());
  }

  private static OutstandingCurve undrawn(Allocator allocator) {
    return of(allocator, new int[0]);
  }

  private static OutstandingCurve of(Allocator allocator, int[] columns) {
    return new OutstandingCurve(
        TraceFacts.summary(allocator),
        allocator.framing == null ? 0 : allocator.framing.frameLimit(),
        allocator.peak,
        allocator.deleted ? allocator.liveAtDelete : allocator.live(Runs.LAYER),
        allocator.allocates,
        Arrays.stream(columns).boxed().toList());
  }

  /**
   * The curves, the most interesting first.
   *
   * @param end the last time of the trace, in ns
   */
  List<OutstandingCurve> finish(long end) {
    long length = begun ? Math.max(0, end - start) : 0;
    List<OutstandingCurve> curves = new ArrayList<>();
    int shift = 0;
    for (Allocator allocator : drawn) {
      GrowingCurve curve = allocator.curve;
      if (curve != null) {
        if (!allocator.deleted) {
          curve.reach(length);
        }
        shift = Math.max(shift, curve.shift());
      }
    }
    while (length >>> shift >= GrowingCurve.COLUMNS) {
      shift++;
    }
    for (Allocator allocator : drawn) {
      GrowingCurve curve = allocator.curve;
      if (curve != null) {
        curves.add(of(allocator, curve.columns(length, shift)));
      }
    }
    curves.sort(OutstandingCurve.MOST_INTERESTING);
    return List.copyOf(curves);
  }
}
