package dev.kstrace.replay.order;

import java.util.Arrays;
import java.util.BitSet;

/** A legal order of a recording's events. Immutable. */
public final class Order {
  private final long seed;
  private final Way way;
  private final int[] rows;
  private final BitSet open;
  private final BitSet beyond;

  Order(long seed, Way way, int[] rows, BitSet open, BitSet beyond) {
    this.seed = seed;
    this.way = way;
    this.rows = rows;
    this.open = open;
    this.beyond = beyond;
  }

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

  /** What it was made from; the recorded order has none, 0. */
  public long seed() {
    return seed;
  }

  /** How it was chosen. */
  public Way way() {
    return way;
  }

  /** How many events it has. */
  public int size() {
    return rows.length;
  }

  /** The recording's row at a place of the order. */
  public int row(int place) {
    return rows[place];
  }

  /**
   * The first place from one on whose event may let the next one in, as neither waits for the
   * other; -1 = none.
   */
  public int nextOpen(int from) {
    return open.nextSetBit(from);
  }

  /** How many places {@link #nextOpen} finds. */
  public int openPlaces() {
    return open.cardinality();
  }

  /** Whether a place has an allocate that the framing's Frames do not cover, as recorded. */
  public boolean isBeyond(int place) {
    return beyond.get(place);
  }

  /** Equal for equal orders; seldom else. */
  public int print() {
    return Arrays.hashCode(rows);
  }
}
