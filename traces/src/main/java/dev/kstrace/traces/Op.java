package dev.kstrace.traces;

import org.jspecify.annotations.Nullable;

/**
 * What an event is: column {@code op} of the trace format.
 *
 * <p>A trace may hold codes that this list does not know; they are kept, counted and never judged,
 * which is why columns carry the raw code and {@link #of} may answer null.
 */
public enum Op {
  /** InitializeAllocator returned; takes effect at its return. */
  INITIALIZE(1),
  /** Allocate returned; takes effect at its return. */
  ALLOCATE(2),
  /** Free was called; takes effect at its entry. */
  FREE(3),
  /** DeleteAllocator was called; takes effect at its entry. */
  DELETE(4),
  /** A pin instance came into being. */
  PIN_CREATE(16),
  /** A pin instance was closed. */
  PIN_CLOSE(17),
  /** A pin went from one KSSTATE to another. */
  PIN_STATE(18),
  /** A pin's reset began or ended. */
  PIN_RESET(19),
  /** The minidriver was unloaded. */
  DRIVER_UNLOAD(32),
  /** A note of the producer: a test's name, a phase. */
  MARK(33),
  /** Events that the producer knows it did not record. */
  EVENTS_LOST(34),
  /** The last row of an orderly end. */
  TRACE_END(35);

  private static final @Nullable Op[] BY_CODE = new @Nullable Op[256];

  static {
    for (Op op : values()) {
      BY_CODE[op.code] = op;
    }
  }

  private final int code;
  private final String label;

  Op(int code) {
    this.code = code;
    this.label = name().toLowerCase(java.util.Locale.ROOT);
  }

  /** The value of the column, 0 to 255. */
  public int code() {
    return code;
  }

  /** The format's name of the operation, such as {@code pin_state}. */
  public String label() {
    return label;
  }

  /** The operation of a code, or null where this version knows none; {@code code} is 0 to 255. */
  public static @Nullable Op of(int code) {
    return BY_CODE[code & 0xFF];
  }

  /** The operation of a label such as {@code pin_state}, or null where this version knows none. */
  public static @Nullable Op ofLabel(String label) {
    for (Op op : values()) {
      if (op.label.equals(label)) {
        return op;
      }
    }
    return null;
  }
}
