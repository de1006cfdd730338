package dev.kstrace.capture;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.TraceEvent;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a ring, each with its numbers side by side in a cache line of its own: threads that
 * record at once own neighbouring rows, and a line that two processors write costs more than
 * everything else about an event.
 *
 * <p>A row belongs to whoever its {@link #state} says; only the state itself may be touched by two
 * threads at once. {@code pin}, {@code framing} and {@code detail} are rare and lie apart.
 */
final class RingRows {
  /** Longs from row to row: a cache line. */
  private static final int STRIDE = 8;

  /**
   * Longs before the first row. Collectors put a large array at the start of a region; with its
   * header of two longs these fill a cache line. Elsewhere rows share their lines with neighbours,
   * which is slower and just as right.
   */
  private static final int LEAD = STRIDE - 2;

  private static final int STATE = 0;

  /** {@code op}, {@code layer}, both IRQLs, 8 bits each, then {@link EventBatch#present}. */
  private static final int HEAD = 1;

  private static final int T_ENTRY = 2;
  private static final int T_EXIT = 3;

  /** {@code thread} in the lower half, {@code status} in the upper one. */
  private static final int THREAD_AND_STATUS = 4;

  private static final int CONTEXT = 5;
  private static final int FRAME = 6;
  private static final int SIZE = 7;

  private static final int LAYER_SHIFT = 8;
  private static final int IRQL_ENTRY_SHIFT = 16;
  private static final int IRQL_EXIT_SHIFT = 24;
  private static final int PRESENT_SHIFT = 32;
  private static final int BYTE = 0xFF;
  private static final long INT = 0xFFFF_FFFFL;

  private static final int CALLBACK = Layer.CALLBACK.code();

  private static final VarHandle STATES = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] cells;
  private final long[] pin;
  private final @Nullable Framing[] framing;
  private final @Nullable String[] detail;

  /** Rows whose states are 0. */
  RingRows(int capacity) {
    cells = new long[Math.addExact(LEAD, Math.multiplyExact(capacity, STRIDE))];
    pin = new long[capacity];
    framing = new Framing[capacity];
    detail = new String[capacity];
  }

  private static int at(int row) {
    return LEAD + row * STRIDE;
  }

  /** The state, with all that was stored in the row before it was set. */
  long state(int row) {
    return (long) STATES.getAcquire(cells, at(row) + STATE);
  }

  /** Sets the state and hands over the row's values with it. */
  void setState(int row, long state) {
    STATES.setRelease(cells, at(row) + STATE, state);
  }

  /** Sets the state if nobody else has changed it. */
  boolean changeState(int row, long from, long to) {
    return STATES.compareAndSet(cells, at(row) + STATE, from, to);
  }

  /** Resets a row to an event of which only operation, layer and entry time are known. */
  void begin(int row, int op, int layer, long tEntry) {
    int at = at(row);
    cells[at + HEAD] = op | (long) layer << LAYER_SHIFT;
    cells[at + T_ENTRY] = tEntry;
  }

  /**
   * Fills a row with an allocate, free or delete of the callback layer in as few stores as can be.
   *
   * @param known which of the nullable values are known: the bits named in {@link EventBatch}
   */
  void setCall(
      int row,
      int op,
      long tEntry,
      long tExit,
      int thread,
      int irqlEntry,
      long context,
      long frame,
      int known) {
    int at = at(row);
    cells[at + HEAD] =
        op
            | (long) CALLBACK << LAYER_SHIFT
            | (long) (irqlEntry & BYTE) << IRQL_ENTRY_SHIFT
            | (long) known << PRESENT_SHIFT;
    cells[at + T_ENTRY] = tEntry;
    cells[at + T_EXIT] = tExit;
    cells[at + THREAD_AND_STATUS] = thread & INT;
    cells[at + CONTEXT] = context;
    cells[at + FRAME] = frame;
  }

  private void know(int at, int bit) {
    cells[at + HEAD] |= (long) bit << PRESENT_SHIFT;
  }

  private void set(int row, int cell, long value, int bit) {
    int at = at(row);
    cells[at + cell] = value;
    know(at, bit);
  }

  void setTExit(int row, long value) {
    set(row, T_EXIT, value, EventBatch.T_EXIT);
  }

  void setContext(int row, long value) {
    set(row, CONTEXT, value, EventBatch.CONTEXT);
  }

  void setFrame(int row, long value) {
    set(row, FRAME, value, EventBatch.FRAME);
  }

  void setSize(int row, long value) {
    set(row, SIZE, value, EventBatch.SIZE);
  }

  void setPin(int row, long value) {
    pin[row] = value;
    know(at(row), EventBatch.PIN);
  }

  void setThread(int row, int value) {
    int at = at(row);
    cells[at + THREAD_AND_STATUS] = (cells[at + THREAD_AND_STATUS] & ~INT) | (value & INT);
    know(at, EventBatch.THREAD);
  }

  void setStatus(int row, int value) {
    int at = at(row);
    cells[at + THREAD_AND_STATUS] =
        (cells[at + THREAD_AND_STATUS] & INT) | (long) value << Integer.SIZE;
    know(at, EventBatch.STATUS);
  }

  void setIrqlEntry(int row, int value) {
    setIrql(row, value, IRQL_ENTRY_SHIFT, EventBatch.IRQL_ENTRY);
  }

  void setIrqlExit(int row, int value) {
    setIrql(row, value, IRQL_EXIT_SHIFT, EventBatch.IRQL_EXIT);
  }

  /** The row's IRQL of that kind must not be set yet: a row begins with zeros there. */
  private void setIrql(int row, int value, int shift, int bit) {
    cells[at(row) + HEAD] |= (long) (value & BYTE) << shift | (long) bit << PRESENT_SHIFT;
  }

  void setFraming(int row, Framing value) {
    framing[row] = value;
  }

  void setDetail(int row, @Nullable String value) {
    detail[row] = value;
  }

  /** Fills a row with an event as it is, except for its {@code seq}; not for hot paths. */
  void set(int row, TraceEvent event) {
    EventBatch one = new EventBatch(1);
    one.add(event);
    int at = at(row);
    begin(row, one.op(0), one.layer(0), one.tEntry(0));
    cells[at + HEAD] |=
        (long) one.irqlEntry(0) << IRQL_ENTRY_SHIFT
            | (long) one.irqlExit(0) << IRQL_EXIT_SHIFT
            | (long) one.present(0) << PRESENT_SHIFT;
    cells[at + T_EXIT] = one.tExit(0);
    cells[at + THREAD_AND_STATUS] = (one.thread(0) & INT) | (long) one.status(0) << Integer.SIZE;
    cells[at + CONTEXT] = one.context(0);
    cells[at + FRAME] = one.frame(0);
    cells[at + SIZE] = one.size(0);
    pin[row] = one.pin(0);
    framing[row] = one.framing(0);
    detail[row] = one.detail(0);
  }

  /** Copies a row and lets go of its framing and detail, so that it begins without. */
  void moveTo(EventBatch batch, int to, int row, long seq) {
    int at = at(row);
    long head = cells[at + HEAD];
    int present = (int) (head >>> PRESENT_SHIFT);
    batch.begin(
        to, seq, (int) head & BYTE, (int) (head >>> LAYER_SHIFT) & BYTE, cells[at + T_ENTRY]);
    batch.setNumbers(
        to,
        cells[at + T_EXIT],
        (int) cells[at + THREAD_AND_STATUS],
        (int) (head >>> IRQL_ENTRY_SHIFT),
        (int) (head >>> IRQL_EXIT_SHIFT),
        (present & EventBatch.PIN) == 0 ? 0 : pin[row],
        cells[at + CONTEXT],
        cells[at + FRAME],
        cells[at + SIZE],
        (int) (cells[at + THREAD_AND_STATUS] >>> Integer.SIZE),
        present);
    // Looked at before they are stored: storing a reference costs the collector's barrier.
    if (framing[row] != null) {
      batch.setFraming(to, framing[row]);
      framing[row] = null;
    }
    if (detail[row] != null) {
      batch.setDetail(to, detail[row]);
      detail[row] = null;
    }
  }
}
