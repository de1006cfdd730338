package dev.kstrace.capture.sim;

/** Something of the device that acts in steps, one at a time. */
interface Actor {
  /** Answer of {@link #step}: nothing more to do. */
  long FINISHED = -1;

  /** Acts once; answers the ns until it wants to act again, or {@link #FINISHED}. */
  long step();
}
