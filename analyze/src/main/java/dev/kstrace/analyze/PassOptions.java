package dev.kstrace.analyze;

import dev.kstrace.traces.ReadProgress;
import java.util.function.Consumer;

/**
 * What a pass over a trace does beside collecting facts. Immutable.
 *
 * @param curves whether to draw {@link TraceFacts#curves}
 * @param progress told how far the pass is, in the thread that asked for it
 * @param soFar gets the facts of what was read so far, again and again, in that thread; they are
 *     those of a trace that is cut here, and valid during the call only
 */
public record PassOptions(boolean curves, ReadProgress progress, Consumer<TraceFacts> soFar) {
  /** Nothing else. */
  public static final PassOptions NONE = new PassOptions(false, ReadProgress.NONE);

  /** Nobody looks at a part. */
  public PassOptions(boolean curves, ReadProgress progress) {
    this(curves, progress, facts -> {});
  }

  /** The same, telling how far the pass is. */
  public PassOptions with(ReadProgress listener) {
    return new PassOptions(curves, listener, soFar);
  }
}
