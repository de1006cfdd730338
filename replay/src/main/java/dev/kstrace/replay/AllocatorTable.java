package dev.kstrace.replay;

import dev.kstrace.traces.Framing;
import dev.kstrace.traces.LongIntMap;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The recording's allocators, one number each.
 *
 * <p>A context names the newest live allocator that it was returned for, else the newest deleted
 * one. Several allocators may hold one context at a time; then each delete ends the newest. Not
 * thread-safe.
 */
final class AllocatorTable {
  /** The number of an allocator that the recording never saw being made. */
  static final int UNKNOWN = -1;

  private static final int NONE = -1;

  private final LongIntMap newest = new LongIntMap();
  private int count;
  private long[] context = new long[16];
  private @Nullable Framing[] framing = new @Nullable Framing[16];
  private long[] frameBytes = new long[16];
  private long[] live = new long[16];
  private int[] older = new int[16];
  private boolean[] deleted = new boolean[16];

  /**
   * A successful initialize of the recording.
   *
   * @param recorded the context that it returned
   * @param asked what it was asked for; null = not recorded
   * @return the allocator's number
   */
  int made(long recorded, @Nullable Framing asked) {
    if (count == context.length) {
      grow();
    }
    int allocator = count++;
    int before = newest.get(recorded);
    context[allocator] = recorded;
    framing[allocator] = asked;
    frameBytes[allocator] = asked == null ? 0 : asked.frameBytes();
    // A deleted predecessor can no longer be named by this context.
    older[allocator] = before == LongIntMap.ABSENT || deleted[before] ? NONE : before;
    newest.put(recorded, allocator);
    return allocator;
  }

  /** The allocator that a recorded context names now, or {@link #UNKNOWN}. */
  int resolve(long recorded) {
    int allocator = newest.get(recorded);
    return allocator == LongIntMap.ABSENT ? UNKNOWN : allocator;
  }

  /** Marks an allocator as deleted. */
  void delete(int allocator) {
    deleted[allocator] = true;
    if (older[allocator] != NONE) {
      newest.put(context[allocator], older[allocator]);
    }
  }

  /** Whether an allocator was deleted; false for {@link #UNKNOWN}. */
  boolean isDeleted(int allocator) {
    return allocator != UNKNOWN && deleted[allocator];
  }

  /** FrameSize of an allocator in bytes; 0 = none or unknown. */
  long frameBytes(int allocator) {
    return allocator == UNKNOWN ? 0 : frameBytes[allocator];
  }

  /** How many allocators there are; their numbers begin with 0. */
  int count() {
    return count;
  }

  /** The context of an allocator. */
  long context(int allocator) {
    return context[allocator];
  }

  /** What an allocator was asked for; null = not recorded. */
  @Nullable Framing framing(int allocator) {
    return framing[allocator];
  }

  /** Frames of an allocator that may be out at once; 0 = any number, or unknown. */
  long frameLimit(int allocator) {
    Framing asked = allocator == UNKNOWN ? null : framing[allocator];
    return asked == null ? 0 : asked.frameLimit();
  }

  /** Recorded frames of an allocator that are out. */
  long framesOut(int allocator) {
    return allocator == UNKNOWN ? 0 : live[allocator];
  }

  /** As many frames of an allocator more, or less, are out in the recording. */
  void count(int allocator, int frames) {
    if (allocator != UNKNOWN) {
      live[allocator] += frames;
    }
  }

  private void grow() {
    int size = count * 2;
    context = Arrays.copyOf(context, size);
    framing = Arrays.copyOf(framing, size);
    frameBytes = Arrays.copyOf(frameBytes, size);
    live = Arrays.copyOf(live, size);
    older = Arrays.copyOf(older, size);
    deleted = Arrays.copyOf(deleted, size);
  }
}
