package dev.kstrace.capture.sim;

/**
 * Where an allocator takes its frames from. What is taken has a number besides its address, so that
 * nothing needs to be looked up by the address. Not thread-safe.
 */
interface FrameMemory {
  /** One frame as the framing wants it. */
  long take();

  /** A block of its own, for a frame unlike the others. */
  long takeBlock(long bytes, long alignment);

  /** The number of what was taken last. */
  int number();

  /** Bytes usable at what was taken. */
  long usableBytes(int number);

  /** Takes back what was taken; it must be out. */
  void give(int number);

  /** The allocator goes; whether frames are still out decides what can be released. */
  void release(boolean framesOut);
}
