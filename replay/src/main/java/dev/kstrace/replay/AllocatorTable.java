package dev.kstrace.replay;

import java.util.Arrays;

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
  private long[] frameBytes = new long[16];
  private long[] targetContext = new long[16];
  private int[] older = new int[16];
  private boolean[] deleted = new boolean[16];
  private boolean[] refused = new boolean[16];

  /**
   * A successful initialize of the recording that also succeeded in the target.
   *
   * @param context recorded context
   * @param frameBytes FrameSize of its framing, 0 = none
   * @param targetContext what the target returned
   * @return the allocator's number
   */
  int made(long context, long frameBytes, long targetContext) {
    int allocator = add(context, frameBytes);
    this.targetContext[allocator] = targetContext;
    return allocator;
  }

  /** A successful initialize of the recording that the target refused; its number. */
  int refused(long context, long frameBytes) {
    int allocator = add(context, frameBytes);
    refused[allocator] = true;
    return allocator;
  }

  private int add(long recorded, long bytes) {
    if (count == context.length) {
      grow();
    }
    int allocator = count++;
    int before = newest.get(recorded);
    context[allocator] = recorded;
    frameBytes[allocator] = bytes;
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
    return allocator == UNKNOWN ? 0 : frameBytes[allocator];
  }

  /** The target's context of an allocator that it made. */
  long targetContext(int allocator) {
    return targetContext[allocator];
  }

  private void grow() {
    int size = count * 2;
    context = Arrays.copyOf(context, size);
    frameBytes = Arrays.copyOf(frameBytes, size);
    targetContext = Arrays.copyOf(targetContext, size);
    older = Arrays.copyOf(older, size);
    deleted = Arrays.copyOf(deleted, size);
    refused = Arrays.copyOf(refused, size);
  }
}
