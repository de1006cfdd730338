package dev.kstrace.capture;

/**
 * Knows how many bytes are really usable at a frame, where somebody does: a hook on the pool call, a
 * simulator, malloc. Called right after each successful allocate, on the allocating thread.
 */
@FunctionalInterface
public interface FrameSizer {
  /** Usable bytes at {@code frame}, at least 0; -1 = unknown. Must not block. */
  long usableBytes(long context, long frame);
}
