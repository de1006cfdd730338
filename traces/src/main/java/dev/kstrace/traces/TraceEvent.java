package dev.kstrace.traces;

import org.jspecify.annotations.Nullable;

/**
 * One observed event as a value: for tests, messages and reports. Loops over many events use {@link
 * EventBatch}. Immutable; null = not known or not applicable.
 *
 * @param seq place in the total order, unsigned
 * @param op operation's code, 0 to 255, see {@link Op#of}
 * @param layer layer's code, 0 to 255, see {@link Layer#of}
 * @param tEntry entry time, ns on one monotonic clock with an arbitrary start
 * @param tExit return time on the same clock; null = not observed
 * @param thread OS thread id, unsigned
 * @param irqlEntry IRQL at entry, 0 = PASSIVE_LEVEL
 * @param irqlExit IRQL at return
 * @param pin KSPIN address or another value unique among live pins
 * @param context allocator context; undefined after a failed initialize
 * @param frame address, unsigned; 0 = NULL
 * @param size bytes really usable at {@code frame}, unsigned
 * @param status NTSTATUS bit for bit
 * @param framing framing passed to initialize
 * @param detail JSON object with the particulars of a context event
 */
public record TraceEvent(
    long seq,
    int op,
    int layer,
    long tEntry,
    @Nullable Long tExit,
    @Nullable Integer thread,
    @Nullable Integer irqlEntry,
    @Nullable Integer irqlExit,
    @Nullable Long pin,
    @Nullable Long context,
    @Nullable Long frame,
    @Nullable Long size,
    @Nullable Integer status,
    @Nullable Framing framing,
    @Nullable String detail) {

  /** Starts an event with the columns that are never null. */
  public static Builder of(long seq, Op op, Layer layer, long tEntry) {
    return new Builder(seq, op.code(), layer.code(), tEntry);
  }

  /** Starts an event whose operation or layer may be unknown to this version. */
  public static Builder ofCodes(long seq, int op, int layer, long tEntry) {
    return new Builder(seq, op, layer, tEntry);
  }

  /** This event at another place in the order. */
  public TraceEvent withSeq(long place) {
    return new TraceEvent(
        place, op, layer, tEntry, tExit, thread, irqlEntry, irqlExit, pin, context, frame, size,
        status, framing, detail);
  }

  /** This event with another framing. */
  public TraceEvent withFraming(Framing other) {
    return new TraceEvent(
        seq, op, layer, tEntry, tExit, thread, irqlEntry, irqlExit, pin, context, frame, size,
        status, other, detail);
  }

  /** Collects the nullable columns of an event; unset ones stay null. Not thread-safe. */
  public static final class Builder {
    private final long seq;
    private final int op;
    private final int layer;
    private final long tEntry;
    private @Nullable Long tExit;
    private @Nullable Integer thread;
    private @Nullable Integer irqlEntry;
    private @Nullable Integer irqlExit;
    private @Nullable Long pin;
    private @Nullable Long context;
    private @Nullable Long frame;
    private @Nullable Long size;
    private @Nullable Integer status;
    private @Nullable Framing framing;
    private @Nullable String detail;

    private Builder(long seq, int op, int layer, long tEntry) {
      this.seq = seq;
      this.op = op;
      this.layer = layer;
      this.tEntry = tEntry;
    }

    /** Sets the return time in ns. */
    public Builder tExit(long value) {
      tExit = value;
      return this;
    }

    /** Sets the thread id. */
    public Builder thread(int value) {
      thread = value;
      return this;
    }

    /** Sets the IRQL at entry and at return to one level. */
    public Builder irql(int value) {
      irqlEntry = value;
      irqlExit = value;
      return this;
    }

    /** Sets the IRQL at entry. */
    public Builder irqlEntry(int value) {
      irqlEntry = value;
      return this;
    }

    /** Sets the IRQL at return. */
    public Builder irqlExit(int value) {
      irqlExit = value;
      return this;
    }

    /** Sets the pin. */
    public Builder pin(long value) {
      pin = value;
      return this;
    }

    /** Sets the allocator context. */
    public Builder context(long value) {
      context = value;
      return this;
    }

    /** Sets the frame address. */
    public Builder frame(long value) {
      frame = value;
      return this;
    }

    /** Sets the usable bytes. */
    public Builder size(long value) {
      size = value;
      return this;
    }

    /** Sets the NTSTATUS. */
    public Builder status(int value) {
      status = value;
      return this;
    }

    /** Sets the framing. */
    public Builder framing(@Nullable Framing value) {
      framing = value;
      return this;
    }

    /** Sets the JSON text of the detail. */
    public Builder detail(@Nullable String value) {
      detail = value;
      return this;
    }

    /** The event. */
    public TraceEvent build() {
      return new TraceEvent(
          seq, op, layer, tEntry, tExit, thread, irqlEntry, irqlExit, pin, context, frame, size,
          status, framing, detail);
    }
  }
}
