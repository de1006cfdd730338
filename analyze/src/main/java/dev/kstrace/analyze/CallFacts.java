package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import org.jspecify.annotations.Nullable;

/**
 * What the tracker found out about one call (initialize, allocate, free, delete).
 *
 * <p>One object is reused for all calls; a sink copies what it keeps. Not thread-safe.
 */
final class CallFacts {
  /** What stands behind a call's context. */
  enum AllocatorState {
    /** The call is an initialize, or its context is not known. */
    UNKNOWN(0, null),
    /** A live allocator. */
    LIVE(1, "live"),
    /** An allocator that was deleted before. */
    DELETED(2, "deleted"),
    /** No successful initialize returned this context before. */
    NONE(3, "none");

    final long code;
    final @Nullable String label;

    AllocatorState(long code, @Nullable String label) {
      this.code = code;
      this.label = label;
    }
  }

  /** What an address was just before the call. */
  enum FrameState {
    /** Nothing to say: no address, or no allocator. */
    UNKNOWN(0, null),
    /** The NULL pointer. */
    NULL(1, "null"),
    /** Never handed out by this allocator at this layer, and not part of a live frame. */
    FRESH(2, "fresh"),
    /** Live in this allocator. */
    LIVE(3, "live"),
    /** Freed, and not handed out again since. */
    FREED(4, "freed"),
    /** Live in another allocator. */
    LIVE_ELSEWHERE(5, "live_elsewhere"),
    /** Strictly inside a live frame, or, for an allocate, overlapping one. */
    INSIDE(6, "inside"),
    /** Of a call whose result contradicts itself. */
    GHOST(7, "ghost");

    final long code;
    final @Nullable String label;

    FrameState(long code, @Nullable String label) {
      this.code = code;
      this.label = label;
    }
  }

  EventBatch batch = new EventBatch(1);
  int row;
  @Nullable Allocator allocator;
  AllocatorState allocatorState = AllocatorState.UNKNOWN;
  FrameState frameState = FrameState.UNKNOWN;

  /** Id of the frame that the call made, ended or hit; 0 = none. */
  long frameId;

  int generation;

  private boolean related;
  private long relatedSeq;

  /** Index of the allocator in whose frame the address lies, where it is another one; -1 = none. */
  int otherAllocator;

  /** Start of the live frame that the address lies in. */
  @Nullable Long baseFrame;

  int liveBefore;
  int liveAfter;

  /** Frames allocated after the last loss that are live after the call. */
  int surelyLiveAfter;

  /** Whether a loss or a missing start may explain what looks wrong. */
  boolean doubt;

  /**
   * Whether the context may mean another allocator than it seems to: events were lost since the
   * initialize, of this or of the other allocator; or, for a call that would be wrong, they are
   * missing before it.
   */
  boolean allocatorDoubt;

  /** Whether the call was inside when its allocator's delete was entered. */
  boolean overlapsDelete;

  /**
   * Whether the call only tells what was live where the trace begins: not judged, since the calls
   * around it are left out.
   */
  boolean scene;

  /** The earlier event that explains the state; null = none. */
  @Nullable Long relatedSeq() {
    return related ? Long.valueOf(relatedSeq) : null;
  }

  void relate(long seq) {
    related = true;
    relatedSeq = seq;
  }

  void begin(EventBatch events, int eventRow) {
    batch = events;
    row = eventRow;
    allocator = null;
    allocatorState = AllocatorState.UNKNOWN;
    frameState = FrameState.UNKNOWN;
    frameId = 0;
    generation = 0;
    related = false;
    otherAllocator = -1;
    baseFrame = null;
    liveBefore = 0;
    liveAfter = 0;
    surelyLiveAfter = 0;
    doubt = false;
    allocatorDoubt = false;
    overlapsDelete = false;
    scene = false;
  }
}
