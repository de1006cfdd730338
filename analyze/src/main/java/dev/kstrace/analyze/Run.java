package dev.kstrace.analyze;

import dev.kstrace.traces.Nanos;
import org.jspecify.annotations.Nullable;

/**
 * One time in RUN of the pin of an allocator: what the allocator did meanwhile, callback layer.
 *
 * <p>Grows while the trace is read. Not thread-safe.
 */
final class Run {
  final Allocator allocator;
  final long startSeq;
  final long start;
  final long periodNs;
  final int liveAtStart;
  private final long allocatesBefore;
  private final long freesBefore;
  private final long limit;

  /** The event that ended it; null = it goes on at the end of the trace. */
  @Nullable Long endSeq;

  long end;

  /** pin_state, delete, pin_close or end of trace. */
  String endedBy = "end of trace";

  int liveAtEnd;
  long allocates;
  long frees;

  /** Longest time that a frame allocated in it was out in it, in ns; 0 = there was none. */
  long heldNs;

  long heldSeq;
  long heldFrame;
  long heldSince;

  /** Longest time in which all Frames were out and none came back, in ns; 0 = there was none. */
  long fullNs;

  /** The allocate that took the last frame then. */
  long fullSeq;

  /** Allocates that got nothing then. */
  long refused;

  /** Frees in it before that time. */
  long freesBeforeFull;

  /** Frames of it that were out when its pin reached STOP, and which pin_state that was. */
  int liveAtStop;

  @Nullable Long stopSeq;

  /** Frames of it that were still out when its pin left STOP again. */
  int liveAtRestart;

  @Nullable Long restartSeq;

  /** What happened second by second, as far as it is kept. */
  final Windows windows;

  private long fullSince;
  private long fullSinceSeq;
  private long refusedSince;
  private long freesWhenFull;

  Run(Allocator allocator, long startSeq, long start, long periodNs) {
    this.allocator = allocator;
    this.startSeq = startSeq;
    this.start = start;
    this.periodNs = periodNs;
    this.liveAtStart = allocator.live(Runs.LAYER);
    this.allocatesBefore = allocator.allocates;
    this.freesBefore = allocator.frees;
    this.limit = allocator.framing == null ? 0 : allocator.framing.frameLimit();
    this.end = start;
    this.windows = new Windows(start, liveAtStart);
    if (liveAtStart == limit) {
      full(startSeq, start);
    }
  }

  private void full(long seq, long time) {
    fullSince = time;
    fullSinceSeq = seq;
    refusedSince = 0;
    freesWhenFull = allocator.frees - freesBefore;
  }

  /** Takes a callback-layer allocate that made a frame. */
  void allocated(long seq, long time, int live) {
    windows.allocated(time, live);
    if (live == limit) {
      full(seq, time);
    }
  }

  /** Takes a call that got no frame. */
  void refused() {
    refusedSince++;
  }

  /** Takes a frame that was freed at the callback layer. */
  void freed(long seq, long allocated, long freed, long frame, int liveBefore) {
    windows.freed(freed, liveBefore);
    if (Nanos.between(allocated, freed) > heldNs && Long.compareUnsigned(seq, startSeq) > 0) {
      held(seq, frame, allocated, freed);
    }
    if (liveBefore == limit) {
      endOfFull(freed);
    }
  }

  /** Takes a frame that was out for some time, and is so still or no longer. */
  void held(long seq, long frame, long allocated, long until) {
    long ns = Nanos.between(allocated, until);
    if (ns > heldNs) {
      heldNs = ns;
      heldSince = allocated;
      heldSeq = seq;
      heldFrame = frame;
    }
  }

  private void endOfFull(long time) {
    long ns = Nanos.between(fullSince, time);
    if (limit > 0 && ns > fullNs) {
      fullNs = ns;
      fullSeq = fullSinceSeq;
      refused = refusedSince;
      freesBeforeFull = freesWhenFull;
    }
  }

  /** Ends it. */
  void end(@Nullable Long seq, long time, String by) {
    endSeq = seq;
    end = time;
    endedBy = by;
    liveAtEnd = allocator.live(Runs.LAYER);
    allocates = allocator.allocates - allocatesBefore;
    frees = allocator.frees - freesBefore;
    windows.end(time, liveAtEnd);
    if (liveAtEnd == limit) {
      endOfFull(time);
    }
  }

  long lengthNs() {
    return end - start;
  }
}
