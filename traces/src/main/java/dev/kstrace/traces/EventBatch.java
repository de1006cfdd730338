package dev.kstrace.traces;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Events in columns: the form in which they are recorded, read and judged.
 *
 * <p>One row is one event. Nullable columns share a bit mask per row ({@link #present}); {@code
 * framing} and {@code detail} are rare and say null by themselves. Rows are reused without
 * clearing: {@link #begin} resets a row, setters fill it. Not thread-safe; rows are independent, so
 * that several threads may each own some.
 */
public final class EventBatch {
  /** Bit of {@link #present}: {@code t_exit} is known. */
  public static final int T_EXIT = 1;

  /** Bit of {@link #present}: {@code thread} is known. */
  public static final int THREAD = 1 << 1;

  /** Bit of {@link #present}: {@code irql_entry} is known. */
  public static final int IRQL_ENTRY = 1 << 2;

  /** Bit of {@link #present}: {@code irql_exit} is known. */
  public static final int IRQL_EXIT = 1 << 3;

  /** Bit of {@link #present}: {@code pin} is known. */
  public static final int PIN = 1 << 4;

  /** Bit of {@link #present}: {@code context} is known. */
  public static final int CONTEXT = 1 << 5;

  /** Bit of {@link #present}: {@code frame} is known. */
  public static final int FRAME = 1 << 6;

  /** Bit of {@link #present}: {@code size} is known. */
  public static final int SIZE = 1 << 7;

  /** Bit of {@link #present}: {@code status} is known. */
  public static final int STATUS = 1 << 8;

  long[] seq;
  byte[] op;
  byte[] layer;
  long[] tEntry;
  long[] tExit;
  int[] thread;
  byte[] irqlEntry;
  byte[] irqlExit;
  long[] pin;
  long[] context;
  long[] frame;
  long[] size;
  int[] status;
  short[] present;
  @Nullable Framing[] framing;
  @Nullable String[] detail;
  int rows;

  /**
   * A batch without rows.
   *
   * @param capacity most rows it can hold, at least 1
   */
  public EventBatch(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity=" + capacity + ", expected at least 1");
    }
    seq = new long[capacity];
    op = new byte[capacity];
    layer = new byte[capacity];
    tEntry = new long[capacity];
    tExit = new long[capacity];
    thread = new int[capacity];
    irqlEntry = new byte[capacity];
    irqlExit = new byte[capacity];
    pin = new long[capacity];
    context = new long[capacity];
    frame = new long[capacity];
    size = new long[capacity];
    status = new int[capacity];
    present = new short[capacity];
    framing = new Framing[capacity];
    detail = new String[capacity];
  }

  /** Most rows the batch can hold. */
  public int capacity() {
    return seq.length;
  }

  /** Rows in use, from row 0 on. */
  public int rows() {
    return rows;
  }

  /** Sets the rows in use; {@code 0 <= rows <= capacity}. */
  public void setRows(int rows) {
    if (rows < 0 || rows > capacity()) {
      throw new IllegalArgumentException("rows=" + rows + ", capacity=" + capacity());
    }
    this.rows = rows;
  }

  /** Whether no further row fits. */
  public boolean isFull() {
    return rows == seq.length;
  }

  /** The bit of a column in {@link #present}; 0 for one that is never null or says so itself. */
  public static int bitOf(Column column) {
    return switch (column) {
      case T_EXIT -> T_EXIT;
      case THREAD -> THREAD;
      case IRQL_ENTRY -> IRQL_ENTRY;
      case IRQL_EXIT -> IRQL_EXIT;
      case PIN -> PIN;
      case CONTEXT -> CONTEXT;
      case FRAME -> FRAME;
      case SIZE -> SIZE;
      case STATUS -> STATUS;
      case SEQ, OP, LAYER, T_ENTRY, FRAMING, DETAIL -> 0;
    };
  }

  /**
   * From now on this batch has the rows of another one, in the same memory: a way to hand a batch
   * over to whoever keeps this one, without copying. What this one had is forgotten.
   */
  public void share(EventBatch other) {
    seq = other.seq;
    op = other.op;
    layer = other.layer;
    tEntry = other.tEntry;
    tExit = other.tExit;
    thread = other.thread;
    irqlEntry = other.irqlEntry;
    irqlExit = other.irqlExit;
    pin = other.pin;
    context = other.context;
    frame = other.frame;
    size = other.size;
    status = other.status;
    present = other.present;
    framing = other.framing;
    detail = other.detail;
    rows = other.rows;
  }

  /** Forgets all rows and lets go of the objects they held. */
  public void clear() {
    for (int row = 0; row < rows; row++) {
      forgetObjects(row);
    }
    rows = 0;
  }

  /** Resets a row to an event of which only the four columns without null are known. */
  public void begin(int row, long seq, int op, int layer, long tEntry) {
    this.seq[row] = seq;
    this.op[row] = (byte) op;
    this.layer[row] = (byte) layer;
    this.tEntry[row] = tEntry;
    present[row] = 0;
    forgetObjects(row);
  }

  /**
   * Fills the nullable numbers of a row at once.
   *
   * @param present which of them are known: the bits named in this class; the others may be
   *     anything
   */
  public void setNumbers(
      int row,
      long tExit,
      int thread,
      int irqlEntry,
      int irqlExit,
      long pin,
      long context,
      long frame,
      long size,
      int status,
      int present) {
    this.tExit[row] = tExit;
    this.thread[row] = thread;
    this.irqlEntry[row] = (byte) irqlEntry;
    this.irqlExit[row] = (byte) irqlExit;
    this.pin[row] = pin;
    this.context[row] = context;
    this.frame[row] = frame;
    this.size[row] = size;
    this.status[row] = status;
    this.present[row] = (short) present;
  }

  /** Looks before it stores: storing a reference costs the collector's barrier. */
  private void forgetObjects(int row) {
    if (framing[row] != null) {
      framing[row] = null;
    }
    if (detail[row] != null) {
      detail[row] = null;
    }
  }

  /** Gives a row another place in the total order. */
  public void setSeq(int row, long value) {
    seq[row] = value;
  }

  /** Gives a row another entry time, in ns. */
  public void setTEntry(int row, long value) {
    tEntry[row] = value;
  }

  /** The place in the total order, an unsigned number. */
  public long seq(int row) {
    return seq[row];
  }

  /** The operation's code, 0 to 255, see {@link Op#of}. */
  public int op(int row) {
    return op[row] & 0xFF;
  }

  /** The layer's code, 0 to 255, see {@link Layer#of}. */
  public int layer(int row) {
    return layer[row] & 0xFF;
  }

  /** Entry time in ns. */
  public long tEntry(int row) {
    return tEntry[row];
  }

  /** Which nullable columns are known in a row: the bits named in this class. */
  public int present(int row) {
    return present[row];
  }

  /** Whether all of some bits are set in {@link #present}. */
  public boolean has(int row, int bits) {
    return (present[row] & bits) == bits;
  }

  /** Return time in ns; meaningless without {@link #T_EXIT}. */
  public long tExit(int row) {
    return tExit[row];
  }

  /** Thread id, unsigned; meaningless without {@link #THREAD}. */
  public int thread(int row) {
    return thread[row];
  }

  /** IRQL at entry, 0 to 255; meaningless without {@link #IRQL_ENTRY}. */
  public int irqlEntry(int row) {
    return irqlEntry[row] & 0xFF;
  }

  /** IRQL at return, 0 to 255; meaningless without {@link #IRQL_EXIT}. */
  public int irqlExit(int row) {
    return irqlExit[row] & 0xFF;
  }

  /** Pin; meaningless without {@link #PIN}. */
  public long pin(int row) {
    return pin[row];
  }

  /** Allocator context; meaningless without {@link #CONTEXT}. */
  public long context(int row) {
    return context[row];
  }

  /** Frame address, unsigned; meaningless without {@link #FRAME}. */
  public long frame(int row) {
    return frame[row];
  }

  /** Usable bytes, unsigned; meaningless without {@link #SIZE}. */
  public long size(int row) {
    return size[row];
  }

  /** NTSTATUS; meaningless without {@link #STATUS}. */
  public int status(int row) {
    return status[row];
  }

  /** Framing, or null where the row carries none. */
  public @Nullable Framing framing(int row) {
    return framing[row];
  }

  /** JSON text of the detail, or null where the row carries none. */
  public @Nullable String detail(int row) {
    return detail[row];
  }

  /** Stores the return time. */
  public void setTExit(int row, long value) {
    tExit[row] = value;
    present[row] |= T_EXIT;
  }

  /** Stores the thread id. */
  public void setThread(int row, int value) {
    thread[row] = value;
    present[row] |= THREAD;
  }

  /** Stores the IRQL at entry. */
  public void setIrqlEntry(int row, int value) {
    irqlEntry[row] = (byte) value;
    present[row] |= IRQL_ENTRY;
  }

  /** Stores the IRQL at return. */
  public void setIrqlExit(int row, int value) {
    irqlExit[row] = (byte) value;
    present[row] |= IRQL_EXIT;
  }

  /** Stores the pin. */
  public void setPin(int row, long value) {
    pin[row] = value;
    present[row] |= PIN;
  }

  /** Stores the allocator context. */
  public void setContext(int row, long value) {
    context[row] = value;
    present[row] |= CONTEXT;
  }

  /** Stores the frame address. */
  public void setFrame(int row, long value) {
    frame[row] = value;
    present[row] |= FRAME;
  }

  /** Stores the usable bytes. */
  public void setSize(int row, long value) {
    size[row] = value;
    present[row] |= SIZE;
  }

  /** Stores the NTSTATUS. */
  public void setStatus(int row, int value) {
    status[row] = value;
    present[row] |= STATUS;
  }

  /** Stores the framing; null = none. */
  public void setFraming(int row, @Nullable Framing value) {
    framing[row] = value;
  }

  /** Stores the JSON text of the detail; null = none. */
  public void setDetail(int row, @Nullable String value) {
    detail[row] = value;
  }

  /**
   * Appends an event.
   *
   * @throws IllegalStateException if the batch is full
   */
  public void add(TraceEvent event) {
    if (isFull()) {
      throw new IllegalStateException("batch full, capacity=" + capacity());
    }
    set(rows, event.seq(), event);
    rows++;
  }

  /** Fills a row with an event under a {@code seq} of its own. */
  public void set(int row, long seq, TraceEvent event) {
    begin(row, seq, event.op(), event.layer(), event.tEntry());
    if (event.tExit() != null) {
      setTExit(row, event.tExit());
    }
    if (event.thread() != null) {
      setThread(row, event.thread());
    }
    if (event.irqlEntry() != null) {
      setIrqlEntry(row, event.irqlEntry());
    }
    if (event.irqlExit() != null) {
      setIrqlExit(row, event.irqlExit());
    }
    if (event.pin() != null) {
      setPin(row, event.pin());
    }
    if (event.context() != null) {
      setContext(row, event.context());
    }
    if (event.frame() != null) {
      setFrame(row, event.frame());
    }
    if (event.size() != null) {
      setSize(row, event.size());
    }
    if (event.status() != null) {
      setStatus(row, event.status());
    }
    setFraming(row, event.framing());
    setDetail(row, event.detail());
  }

  /** Fills a row with a row of a batch, this one or another. */
  public void copy(int row, EventBatch from, int fromRow) {
    seq[row] = from.seq[fromRow];
    op[row] = from.op[fromRow];
    layer[row] = from.layer[fromRow];
    tEntry[row] = from.tEntry[fromRow];
    tExit[row] = from.tExit[fromRow];
    thread[row] = from.thread[fromRow];
    irqlEntry[row] = from.irqlEntry[fromRow];
    irqlExit[row] = from.irqlExit[fromRow];
    pin[row] = from.pin[fromRow];
    context[row] = from.context[fromRow];
    frame[row] = from.frame[fromRow];
    size[row] = from.size[fromRow];
    status[row] = from.status[fromRow];
    present[row] = from.present[fromRow];
    // Looked at before they are stored, as in forgetObjects.
    if (framing[row] != null || from.framing[fromRow] != null) {
      framing[row] = from.framing[fromRow];
    }
    if (detail[row] != null || from.detail[fromRow] != null) {
      detail[row] = from.detail[fromRow];
    }
  }

  /** Forgets of a row's nullable values all but some: the bits named in this class. */
  public void keep(int row, int bits) {
    present[row] &= (short) bits;
  }

  /**
   * Copies a column of numbers at once, each in the width that it has in a trace; where a row does
   * not know its value, anything may come.
   *
   * @param to gets them from its position on, in its byte order; large enough
   * @throws IllegalArgumentException for framing and detail, which are no numbers
   */
  public void copy(Column column, ByteBuffer to) {
    switch (column) {
      case SEQ -> to.asLongBuffer().put(seq, 0, rows);
      case OP -> to.duplicate().put(op, 0, rows);
      case LAYER -> to.duplicate().put(layer, 0, rows);
      case T_ENTRY -> to.asLongBuffer().put(tEntry, 0, rows);
      case T_EXIT -> to.asLongBuffer().put(tExit, 0, rows);
      case THREAD -> to.asIntBuffer().put(thread, 0, rows);
      case IRQL_ENTRY -> to.duplicate().put(irqlEntry, 0, rows);
      case IRQL_EXIT -> to.duplicate().put(irqlExit, 0, rows);
      case PIN -> to.asLongBuffer().put(pin, 0, rows);
      case CONTEXT -> to.asLongBuffer().put(context, 0, rows);
      case FRAME -> to.asLongBuffer().put(frame, 0, rows);
      case SIZE -> to.asLongBuffer().put(size, 0, rows);
      case STATUS -> to.asIntBuffer().put(status, 0, rows);
      case FRAMING, DETAIL ->
          throw new IllegalArgumentException("no column of numbers: " + column.columnName());
    }
  }

  /** A row as a value of its own. */
  public TraceEvent event(int row) {
    return new TraceEvent(
        seq[row],
        op(row),
        layer(row),
        tEntry[row],
        has(row, T_EXIT) ? tExit[row] : null,
        has(row, THREAD) ? thread[row] : null,
        has(row, IRQL_ENTRY) ? irqlEntry(row) : null,
        has(row, IRQL_EXIT) ? irqlExit(row) : null,
        has(row, PIN) ? pin[row] : null,
        has(row, CONTEXT) ? context[row] : null,
        has(row, FRAME) ? frame[row] : null,
        has(row, SIZE) ? size[row] : null,
        has(row, STATUS) ? status[row] : null,
        framing[row],
        detail[row]);
  }
}
