package dev.kstrace.capture.sim;

/** Where an allocator takes its frames from. Not thread-safe. */
interface FrameMemory {
  /** One frame as the framing wants it. */
  long take();

  /** A block of its own, for a frame unlike the others. */
  long takeBlock(long bytes, long alignment);

  /** Bytes usable at what was taken. */
  long usableBytes(long address);

  /** Takes back what was taken. */
  void give(long address);

  /** The allocator goes; whether frames are still out decides what can be released. */
  void release(boolean framesOut);
}
