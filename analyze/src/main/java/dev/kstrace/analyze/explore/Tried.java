package dev.kstrace.analyze.explore;

import dev.kstrace.replay.order.Order;
import java.util.List;

/**
 * What came of one order. Immutable.
 *
 * @param seed makes the same order again, with the same disturbances
 * @param way how the order was chosen
 * @param letting calls that let the next one in
 * @param failing calls that were to fail for want of memory
 * @param problems those that the recorded order does not have, each once; empty where it is sound
 */
public record Tried(long seed, Order.Way way, int letting, int failing, List<Problem> problems) {
  /** Copies the list. */
  public Tried {
    problems = List.copyOf(problems);
  }

  /** Whether it breaks something. */
  public boolean breaks() {
    return !problems.isEmpty();
  }
}
