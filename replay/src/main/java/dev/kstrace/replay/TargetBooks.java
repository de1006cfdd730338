package dev.kstrace.replay;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What stands in the target for the recording's allocators and frames, by their numbers. Not
 * thread-safe.
 */
final class TargetBooks {
  private static final int UNKNOWN = AllocatorTable.UNKNOWN;

  private long[] context = new long[16];
  private boolean[] refused = new boolean[16];
  private boolean[] deleted = new boolean[16];
  private long[] frame = new long[64];
  private long[] bytes = new long[64];
  private @Nullable BooksLog log;

  /** From now on changes are logged. */
  void logTo(BooksLog to) {
    log = to;
  }

  /** The target made an allocator. */
  void made(int allocator, long itsContext) {
    if (log != null) {
      log.made(allocator, itsContext);
    }
    enter(allocator, itsContext);
  }

  private void enter(int allocator, long itsContext) {
    if (allocator >= context.length) {
      int size = Math.max(allocator + 1, context.length * 2);
      context = Arrays.copyOf(context, size);
      refused = Arrays.copyOf(refused, size);
      deleted = Arrays.copyOf(deleted, size);
    }
    context[allocator] = itsContext;
    refused[allocator] = false;
  }

  /** The target did not make an allocator that the recording has. */
  void refused(int allocator) {
    if (log != null) {
      log.refused(allocator);
    }
    enter(allocator, 0);
    refused[allocator] = true;
  }

  /** Whether the target refused to make an allocator; false for an unknown one. */
  boolean isRefused(int allocator) {
    return allocator != UNKNOWN && refused[allocator];
  }

  /** The target's context of an allocator that it made. */
  long context(int allocator) {
    return context[allocator];
  }

  /** Whether an allocator was made or refused, so that the books know of it. */
  boolean knows(int allocator) {
    return allocator < context.length;
  }

  /** Marks an allocator as deleted. */
  void delete(int allocator) {
    if (log != null) {
      log.deleted(allocator);
    }
    deleted[allocator] = true;
  }

  /** Whether an allocator was deleted; false for an unknown one. */
  boolean isDeleted(int allocator) {
    return allocator != UNKNOWN && deleted[allocator];
  }

  /** Sets what stands for a slot from now on; 0 = the target returned NULL, bytes -1 = unknown. */
  void setFrame(int slot, long address, long usableBytes) {
    if (log != null) {
      log.frame(slot, address, usableBytes);
    }
    if (slot >= frame.length) {
      int size = Math.max(slot + 1, frame.length * 2);
      frame = Arrays.copyOf(frame, size);
      bytes = Arrays.copyOf(bytes, size);
    }
    frame[slot] = address;
    bytes[slot] = usableBytes;
  }

  /** The target's address of a slot; 0 = it has none. */
  long frame(int slot) {
    return slot < frame.length ? frame[slot] : 0;
  }

  /** Usable bytes of the target's frame; -1 = unknown. */
  long frameBytes(int slot) {
    return slot < bytes.length ? bytes[slot] : -1;
  }
}
