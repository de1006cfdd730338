package dev.kstrace.replay;

import java.util.List;

/**
 * The first divergence of a kind, in full. Immutable.
 *
 * @param divergence what differs
 * @param recorded recorded event as a line of the text form
 * @param replayed same event as the target made it
 * @param before recorded events before it, oldest first, at most 20
 */
public record FirstDivergence(
    Divergence divergence, String recorded, String replayed, List<String> before) {
  /** Copies the list. */
  public FirstDivergence {
    before = List.copyOf(before);
  }
}
