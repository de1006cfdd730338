package dev.kstrace.traces;

import java.util.Locale;

/** The columns of the trace format, in the order in which this writer stores them. */
public enum Column {
  /** Place in the total order, unsigned. */
  SEQ(Kind.UINT64, true),
  /** What the event is, see {@link Op}. */
  OP(Kind.UINT8, true),
  /** Where a call was seen, see {@link Layer}. */
  LAYER(Kind.UINT8, true),
  /** Entry time, ns on one monotonic clock. */
  T_ENTRY(Kind.INT64, true),
  /** Return time, ns on the same clock. */
  T_EXIT(Kind.INT64, false),
  /** OS thread id, unsigned. */
  THREAD(Kind.UINT32, false),
  /** IRQL at entry. */
  IRQL_ENTRY(Kind.UINT8, false),
  /** IRQL at return. */
  IRQL_EXIT(Kind.UINT8, false),
  /** KSPIN address. */
  PIN(Kind.UINT64, false),
  /** Allocator context. */
  CONTEXT(Kind.UINT64, true),
  /** Frame address. */
  FRAME(Kind.UINT64, true),
  /** Bytes usable at the frame, unsigned. */
  SIZE(Kind.UINT64, false),
  /** NTSTATUS. */
  STATUS(Kind.INT32, false),
  /** KSALLOCATOR_FRAMING of an initialize, a list of at most one structure. */
  FRAMING(Kind.FRAMING_LIST, false),
  /** JSON object of a context event. */
  DETAIL(Kind.UTF8, false);

  /** The Arrow type of a column. */
  enum Kind {
    UINT8(1, "uint8"),
    INT32(4, "int32"),
    UINT32(4, "uint32"),
    INT64(8, "int64"),
    UINT64(8, "uint64"),
    UTF8(0, "utf8"),
    FRAMING_LIST(0, "list<struct of six uint32>");

    /** Bytes of one value; 0 = variable. */
    final int bytes;

    /** The name in messages. */
    final String arrowName;

    Kind(int bytes, String arrowName) {
      this.bytes = bytes;
      this.arrowName = arrowName;
    }
  }

  final Kind kind;
  private final boolean required;
  private final String columnName;

  Column(Kind kind, boolean required) {
    this.kind = kind;
    this.required = required;
    this.columnName = name().toLowerCase(Locale.ROOT);
  }

  /** The name in the Arrow schema. */
  public String columnName() {
    return columnName;
  }

  /** Whether a trace without this column is refused; an absent optional column reads as null. */
  public boolean isRequired() {
    return required;
  }

  /** Whether this writer declares the column nullable. */
  boolean isNullable() {
    return this != SEQ && this != OP && this != LAYER && this != T_ENTRY;
  }
}
