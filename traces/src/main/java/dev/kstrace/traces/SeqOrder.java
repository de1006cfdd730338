package dev.kstrace.traces;

/**
 * The order of {@code seq} from row to row, and the numbers that are missing in it. Rows count only
 * once their batch is known to be whole, so each batch is looked at apart and then {@link Rows#keep
 * kept} or forgotten. Not thread-safe.
 */
final class SeqOrder {
  private boolean any;
  private long first;
  private long previous;
  private long highest;
  private long holes;
  private long missing;

  /** {@code seq} of the first kept row; 0 = there is none. */
  long first() {
    return first;
  }

  /** {@code seq} of the last kept row; 0 = there is none. */
  long last() {
    return previous;
  }

  /** Places where numbers are missing. */
  long holes() {
    return holes;
  }

  /** Numbers that are missing. */
  long missing() {
    return missing;
  }

  /** Begins a batch behind those that were kept. */
  Rows batch() {
    return new Rows();
  }

  /** The rows of one batch. */
  final class Rows {
    private boolean anyNow = any;
    private long firstNow = first;
    private long previousNow = previous;
    private long highestNow = highest;
    private long holesNow = holes;
    private long missingNow = missing;
    private long disordered;
    private String where = "";

    /** Takes further rows; {@code rowsBefore} of the batch came before. */
    void accept(EventBatch rows, long rowsBefore) {
      for (int row = 0; row < rows.rows(); row++) {
        long seq = rows.seq(row);
        if (!anyNow) {
          anyNow = true;
          firstNow = seq;
          highestNow = seq;
        } else if (Long.compareUnsigned(seq, previousNow) <= 0) {
          if (disordered++ == 0) {
            where =
                "row "
                    + (rowsBefore + row)
                    + " has seq "
                    + Long.toUnsignedString(seq)
                    + " behind "
                    + Long.toUnsignedString(previousNow);
          }
        } else if (Long.compareUnsigned(seq, highestNow) > 0) {
          holesNow += seq - highestNow == 1 ? 0 : 1;
          missingNow += seq - highestNow - 1;
          highestNow = seq;
        }
        previousNow = seq;
      }
    }

    /** {@code seq} of the last row so far. */
    long last() {
      return previousNow;
    }

    /** Lets the batch count. */
    void keep() {
      any = anyNow;
      first = firstNow;
      previous = previousNow;
      highest = highestNow;
      holes = holesNow;
      missing = missingNow;
    }

    /** Where the order of the batch is broken, in words; empty = nowhere. */
    String fault() {
      if (disordered == 0) {
        return "";
      }
      String more = disordered == 1 ? "" : ", and " + (disordered - 1) + " more rows";
      return "seq does not rise: " + where + more;
    }
  }
}
