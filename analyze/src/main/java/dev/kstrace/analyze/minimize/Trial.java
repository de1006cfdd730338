package dev.kstrace.analyze.minimize;

import dev.kstrace.traces.TraceEvent;
import java.io.IOException;
import java.util.List;

/**
 * Whether a trace still shows what is looked for. Deterministic: the same events, the same answer.
 */
@FunctionalInterface
public interface Trial {
  /**
   * Tries some events.
   *
   * @param events in order, {@code seq} without holes
   * @throws IOException if it could not be tried
   */
  boolean shows(List<TraceEvent> events) throws IOException;
}
