package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Irql;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import java.util.Arrays;

/**
 * A batch with what can be said of its rows without knowing those before: the thread that reads
 * says it while another one tracks. Not thread-safe.
 */
final class PreparedBatch {
  /** An allocate of the callback layer that is ordinary as far as it can be seen here. */
  static final int ALLOCATE = 1;

  /** Such a free. */
  static final int FREE = 2;

  /** Bit on top of these: above APC_LEVEL. */
  static final int RAISED = 4;

  /** All of these bits. */
  static final int ANY = ALLOCATE | FREE | RAISED;

  private static final int NEEDED = EventBatch.CONTEXT | EventBatch.FRAME | EventBatch.T_EXIT;

  /** A status is for initialize and for clients. */
  private static final int NEEDED_OR_ODD = NEEDED | EventBatch.STATUS;

  /** {@link #ALLOCATE} or {@link #FREE} by the code of an operation; 0 = another one. */
  private static final byte[] KIND_OF_OP = new byte[256];

  /** {@link #RAISED} or 0 by IRQL. */
  private static final byte[] RAISED_AT = new byte[Irql.DISPATCH_LEVEL + 1];

  static {
    KIND_OF_OP[Op.ALLOCATE.code()] = ALLOCATE;
    KIND_OF_OP[Op.FREE.code()] = FREE;
    Arrays.fill(RAISED_AT, Irql.APC_LEVEL + 1, RAISED_AT.length, (byte) RAISED);
  }

  private final EventBatch events;
  private final byte[] kinds;
  private boolean ascending;
  private long firstTime;
  private long lastTime;

  /** Room for rows; {@link #prepare} is to follow once they are there. */
  PreparedBatch(EventBatch events) {
    this.events = events;
    this.kinds = new byte[events.capacity()];
  }

  /** Looks at the rows that are in the batch now. */
  void prepare() {
    lookAtOrder();
    for (int row = 0; row < events.rows(); row++) {
      kinds[row] = (byte) kindOf(events, row);
    }
  }

  private void lookAtOrder() {
    int rows = events.rows();
    ascending = rows > 0;
    if (rows == 0) {
      return;
    }
    long seq = events.seq(0);
    long difference = 0;
    long backwards = 0;
    long first = Long.MAX_VALUE;
    long last = Long.MIN_VALUE;
    for (int row = 0; row < rows; row++) {
      long entry = events.tEntry(row);
      long exit = events.has(row, EventBatch.T_EXIT) ? events.tExit(row) : entry;
      difference |= events.seq(row) ^ (seq + row);
      backwards |= exit < entry ? 1 : 0;
      first = Math.min(first, entry);
      last = Math.max(last, exit);
    }
    boolean wraps = Long.compareUnsigned(seq + rows, seq) <= 0;
    ascending = difference == 0 && backwards == 0 && !wraps;
    firstTime = first;
    lastTime = last;
  }

  /** Where calls go this way and that a processor guesses wrong, so this asks no such question. */
  private static int kindOf(EventBatch events, int row) {
    int kind = KIND_OF_OP[events.op(row)];
    int present = events.present(row);
    if (kind == 0
        || events.layer(row) != Layer.CALLBACK.code()
        || (present & NEEDED_OR_ODD) != NEEDED
        || events.frame(row) == 0) {
      return 0;
    }
    if ((present & EventBatch.IRQL_ENTRY) == 0) {
      return kind;
    }
    int irql = events.irqlEntry(row);
    boolean restored = (present & EventBatch.IRQL_EXIT) == 0 || events.irqlExit(row) == irql;
    if (!restored || irql > Irql.DISPATCH_LEVEL) {
      return 0;
    }
    return kind | RAISED_AT[irql];
  }

  /** The rows. */
  EventBatch events() {
    return events;
  }

  /** {@link #ALLOCATE} or {@link #FREE}, perhaps {@link #RAISED}; 0 = any other row. */
  int kind(int row) {
    return kinds[row];
  }

  /** How many rows, of some that are all {@link #ALLOCATE} or {@link #FREE}, are the former. */
  int allocates(int from, int to) {
    int allocates = 0;
    for (int row = from; row < to; row++) {
      allocates += kinds[row] & ALLOCATE;
    }
    return allocates;
  }

  /** Whether {@code seq} rises by one from row to row and no call returned before its entry. */
  boolean isAscending() {
    return ascending;
  }

  /** Earliest time in ns, where there are rows. */
  long firstTime() {
    return firstTime;
  }

  /** Latest time in ns, where there are rows. */
  long lastTime() {
    return lastTime;
  }
}
