package dev.kstrace.replay;

/**
 * What is done to calls besides making them. A call is told by its {@code seq}; the same question
 * has the same answer. Calls of other kinds than allocate, free and initialize are not asked about.
 */
@FunctionalInterface
public interface Disturbances {
  /** The call is made as recorded. */
  int NONE = 0;

  /** No call is disturbed. */
  Disturbances NOTHING = seq -> NONE;

  /** Most that {@link #failing} and {@link #letting} can count to. */
  int MOST = 255;

  /**
   * What is done to a call: {@link #NONE}, or what {@link #failing} or {@link #letting} returned.
   */
  int at(long seq);

  /**
   * Memory is short: inside a native target the request for memory with this number, counted from 1
   * in the call, is refused. Other targets are not called at all, and the call fails: allocate with
   * NULL, initialize with STATUS_INSUFFICIENT_RESOURCES.
   */
  static int failing(int request) {
    return CallBatch.FAIL | request << 8;
  }

  /**
   * The next call gets in: at the place with this number, counted from 1 in the call, where another
   * thread could, a native target runs the next call first. Other targets cannot be interrupted.
   */
  static int letting(int place) {
    return CallBatch.YIELD | place << 8;
  }

  /** Whether memory is short in a call. */
  static boolean isFailing(int what) {
    return (what & CallBatch.FAIL) != 0;
  }

  /** Whether a call lets the next one in. */
  static boolean isLetting(int what) {
    return (what & CallBatch.YIELD) != 0;
  }
}
