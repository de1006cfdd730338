package dev.kstrace.analyze;

import dev.kstrace.traces.ReadProgress;

/**
 * What a pass over a trace does beside collecting facts. Immutable.
 *
 * @param curves whether to draw {@link TraceFacts#curves}
 * @param progress told how far the pass is, in the thread that asked for it
 */
public record PassOptions(boolean curves, ReadProgress progress) {
  /** Nothing else. */
  public static final PassOptions NONE = new PassOptions(false, ReadProgress.NONE);

  /** The same, telling how far the pass is. */
  public PassOptions with(ReadProgress listener) {
    return new PassOptions(curves, listener);
  }
}
