package dev.kstrace.replay.order;

import java.util.Arrays;
import java.util.BitSet;

/**
 * A legal order of a recording's events. Immutable.
 *
 * @param seed what it was made from; the recorded order has none, 0
 * @param way how it was chosen
 * @param rows the recording's rows in this order
 * @param open places whose event may let the next one in, as neither waits for the other
 * @param beyond places of allocates that the framing's Frames do not cover, as recorded
 */
public record Order(long seed, Way way, int[] rows, BitSet open, BitSet beyond) {
  /** How the next thread is chosen where several could go on. */
  public enum Way {
    /** As recorded. */
    RECORDED,
    /** Every thread is as likely as any other. */
    UNIFORM,
    /**
     * The thread of the highest priority goes on until it cannot; priorities are random and fall at
     * a few random places. Finds what needs few, but certain changes of the order (Burckhardt et
     * al., "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", 2010).
     */
    PRIORITY;

    /** The lower-case name, as reports show it. */
    public String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Order order && seed == order.seed && Arrays.equals(rows, order.rows);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(rows);
  }
}
