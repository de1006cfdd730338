package dev.kstrace.analyze;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Turns one time in RUN into a row of {@code runs}, and its seconds into {@code run_windows}. */
final class RunRows {
  private RunRows() {}

  /** The row, one value per column: Long, Boolean, String or null. */
  static @Nullable Object[] row(Run run) {
    Allocator allocator = run.allocator;
    boolean held = run.heldNs > 0;
    boolean full = run.fullNs > 0;
    return new @Nullable Object[] {
      CallRows.allocId(allocator.index),
      allocator.pin,
      CallRows.pinId(allocator.pinInstance),
      allocator.context,
      run.startSeq,
      run.start,
      run.endSeq,
      run.end,
      run.endedBy,
      run.periodNs == 0 ? null : run.periodNs,
      run.allocates,
      run.frees,
      (long) run.liveAtStart,
      (long) run.liveAtEnd,
      held ? run.heldSeq : null,
      held ? run.heldFrame : null,
      held ? run.heldSince : null,
      held ? run.heldNs : null,
      full ? run.fullSeq : null,
      full ? run.fullNs : null,
      full ? run.refused : null,
      full ? run.freesBeforeFull : null,
      run.stopSeq,
      (long) run.liveAtStop,
      run.restartSeq,
      (long) run.liveAtRestart,
      allocator.slab()
    };
  }

  /** The rows of its whole seconds. */
  static Stream<@Nullable Object[]> windows(Run run) {
    return IntStream.range(0, run.windows.whole())
        .mapToObj(
            window ->
                new @Nullable Object[] {
                  CallRows.allocId(run.allocator.index),
                  run.startSeq,
                  (long) window,
                  run.start + window * Windows.NS,
                  (long) run.windows.leastLive(window),
                  (long) run.windows.frees(window)
                });
  }
}
