package dev.kstrace.replay;

import dev.kstrace.traces.Framing;
import dev.kstrace.traces.LongIntMap;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The recording's allocators, one number each, and what stands for them in the target.
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
  private long[] live = new long[16];
  private long[] targetContext = new long[16];
  private int[] older = new int[16];
  private boolean[] deleted = new boolean[16];
  private boolean[] refused = new boolean[16];

  /**
   * A successful initialize of the recording that also succeeded in the target.
   *
   * @param context recorded context
   * @param framing what it was asked for; null = not recorded
   * @param targetContext what the target returned
   * @return the allocator's number
   */
  int made(long context, @Nullable Framing framing, long targetContext) {
    int allocator = add(context, framing);
    this.targetContext[allocator] = targetContext;
    return allocator;
  }

  /** A successful initialize of the recording that the target refused; its number. */
  int refused(long context, @Nullable Framing framing) {
    int allocator = add(context, framing);
    refused[allocator] = true;
    return allocator;
  }

  private int add(long recorded, @Nullable Framing asked) {
    if (count == context.length) {
      grow();
    }
    int allocator = count++;
    int before = newest.get(recorded);
    context[allocator] = recorded;
    framing[allocator] = asked;
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

  /** Whether the target refused to make an allocator; false for {@link #UNKNOWN}. */
  boolean isRefused(int allocator) {
    return allocator != UNKNOWN && refused[allocator];
  }

  /** FrameSize of an allocator in bytes; 0 = none or unknown. */
  long frameBytes(int allocator) {
    Framing asked = allocator == UNKNOWN ? null : framing[allocator];
    return asked == null ? 0 : asked.frameBytes();
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

  /** The target's context of an allocator that it made. */
  long targetContext(int allocator) {
    return targetContext[allocator];
  }

  private void grow() {
    int size = count * 2;
    context = Arrays.copyOf(context, size);
    framing = Arrays.copyOf(framing, size);
    live = Arrays.copyOf(live, size);
    targetContext = Arrays.copyOf(targetContext, size);
    older = Arrays.copyOf(older, size);
    deleted = Arrays.copyOf(deleted, size);
    refused = Arrays.copyOf(refused, size);
  }
}
