package dev.kstrace.replay;

import dev.kstrace.traces.Detail;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The rows of the replayed trace, handed on a batch at a time.
 *
 * <p>A row has its recorded event's {@code seq}, so that the two traces can be laid side by side.
 * Only a call that the engine adds needs a place of its own: it and every row behind it move on by
 * one, so that holes stay exactly where the recording has them. Not thread-safe.
 */
final class ReplayedRows {
  /** What a call's row has of the recorded one; the rest is what the target did. */
  private static final int CALLED =
      EventBatch.T_EXIT
          | EventBatch.THREAD
          | EventBatch.IRQL_ENTRY
          | EventBatch.PIN
          | EventBatch.STATUS;

  private static final int NOBODY = -1;

  private final EventBatch out;
  private final ReplayEngine.@Nullable Sink sink;
  private final SeqShifts shifts = new SeqShifts();
  private long handSeq;
  private long handedOn;

  /** The recorded row of the call at hand whose row is not complete; -1 = there is none. */
  private int handCall = NOBODY;

  ReplayedRows(EventBatch out, ReplayEngine.@Nullable Sink sink) {
    this.out = out;
    this.sink = sink;
    out.clear();
  }

  /** Whether nobody gets the rows. */
  boolean isUnread() {
    return sink == null;
  }

  /** Where rows have moved on. */
  SeqShifts shifts() {
    return shifts;
  }

  /** The rows not handed on yet; the last one is the event at hand. */
  EventBatch batch() {
    return out;
  }

  /** Starts the row of a call with what is copied from the recorded one; its number. */
  int call(EventBatch in, int row) throws IOException {
    if (sink == null) {
      int to = begin(in, row, in.op(row), in.layer(row));
      handCall = row;
      return to;
    }
    int to = copy(in, row);
    out.keep(to, CALLED);
    return to;
  }

  /** The row of the event at hand. */
  TraceEvent hand(EventBatch in) {
    int at = out.rows() - 1;
    if (handCall >= 0) {
      copyRecorded(in, at);
    }
    return out.event(at);
  }

  /** What the row of a call has of the recorded one, where nobody but the reader of it needs it. */
  private void copyRecorded(EventBatch in, int to) {
    copyTimes(in, handCall, to);
    if (in.has(handCall, EventBatch.IRQL_ENTRY)) {
      out.setIrqlEntry(to, in.irqlEntry(handCall));
    }
    if (in.has(handCall, EventBatch.PIN)) {
      out.setPin(to, in.pin(handCall));
    }
    if (in.has(handCall, EventBatch.STATUS) && !out.has(to, EventBatch.STATUS)) {
      out.setStatus(to, in.status(handCall));
    }
    out.setFraming(to, in.framing(handCall));
    out.setDetail(to, in.detail(handCall));
  }

  /** Copies an event as it is; its number. */
  int copy(EventBatch in, int row) throws IOException {
    int to = next();
    handSeq = in.seq(row) + shifts.current();
    out.copy(to, in, row);
    out.setSeq(to, handSeq);
    return to;
  }

  /** A mark in place of a call that was left out, so that its {@code seq} is no hole. */
  void leftOut(EventBatch in, int row, String missing) throws IOException {
    String op = TraceText.opLabel(in.op(row));
    instead(
        in, row, "replay left out " + op + ": its " + missing + " does not exist in the target");
  }

  /**
   * A call that the recording does not have.
   *
   * @param after whether it comes behind the row of the event at hand, which is written already;
   *     else that row comes next
   */
  void extra(EventBatch in, int row, boolean after, Op op, long context, long frame, int irqlExit)
      throws IOException {
    long seq = in.seq(row) + shifts.current() + (after ? 1 : 0);
    shifts.add(in.seq(row));
    handSeq = seq;
    long at = after && in.has(row, EventBatch.T_EXIT) ? in.tExit(row) : in.tEntry(row);
    int to = next();
    out.begin(to, seq, op.code(), Layer.CALLBACK.code(), at);
    out.setTExit(to, at);
    copyThread(in, row, to);
    if (in.has(row, EventBatch.IRQL_ENTRY)) {
      out.setIrqlEntry(to, in.irqlEntry(row));
    }
    setIrqlExit(to, irqlExit);
    out.setContext(to, context);
    if (op == Op.FREE) {
      out.setFrame(to, frame);
    }
  }

  /**
   * A mark behind the row of the event at hand.
   *
   * @param detail what it says; it also gets {@code behind}, its distance in {@code seq} from that
   *     row
   */
  void mark(EventBatch in, int row, Detail.Builder detail) throws IOException {
    shifts.add(in.seq(row));
    long seq = in.seq(row) + shifts.current();
    long behind = seq - handSeq;
    int to = next();
    out.begin(to, seq, Op.MARK.code(), Layer.NONE.code(), in.tEntry(row));
    copyThread(in, row, to);
    out.setDetail(to, detail.put("behind", behind).build().toJson());
  }

  /**
   * A mark in place of a call that has not returned, and may do so later.
   *
   * @param text what became of it
   */
  void instead(EventBatch in, int row, String text) throws IOException {
    int to = begin(in, row, Op.MARK.code(), Layer.NONE.code());
    copyTimes(in, row, to);
    out.setDetail(
        to,
        Detail.builder()
            .put("text", text)
            .put("op", TraceText.opLabel(in.op(row)))
            .build()
            .toJson());
  }

  /** The row of a call that returns only now, behind the row of the event at hand; its number. */
  int late(EventBatch in, int row, TraceEvent call) throws IOException {
    shifts.add(in.seq(row));
    int to = next();
    out.begin(to, in.seq(row) + shifts.current(), call.op(), call.layer(), call.tEntry());
    out.setTExit(to, Math.max(call.tEntry(), in.tEntry(row)));
    if (call.thread() != null) {
      out.setThread(to, call.thread());
    }
    if (call.irqlEntry() != null) {
      out.setIrqlEntry(to, call.irqlEntry());
    }
    if (call.pin() != null) {
      out.setPin(to, call.pin());
    }
    out.setFraming(to, call.framing());
    return to;
  }

  /** Stores the IRQL at return of a recorded call where that at entry is known; -1 = unknown. */
  void setIrqlExit(EventBatch in, int row, int to, int irql) {
    if (irql >= 0 && in.has(row, EventBatch.IRQL_ENTRY)) {
      out.setIrqlExit(to, irql);
    }
  }

  /** Stores the IRQL at return of the row's call where that at entry is known; -1 = unknown. */
  void setIrqlExit(int to, int irql) {
    if (irql >= 0 && out.has(to, EventBatch.IRQL_ENTRY)) {
      out.setIrqlExit(to, irql);
    }
  }

  /** How many rows there are so far. */
  long written() {
    return handedOn + out.rows();
  }

  /** Hands on what is left. */
  void flush() throws IOException {
    handedOn += out.rows();
    if (sink != null) {
      sink.write(out, 0, out.rows());
    }
    out.clear();
  }

  private int begin(EventBatch in, int row, int op, int layer) throws IOException {
    int to = next();
    handSeq = in.seq(row) + shifts.current();
    out.begin(to, handSeq, op, layer, in.tEntry(row));
    return to;
  }

  private int next() throws IOException {
    if (sink == null) {
      handCall = NOBODY;
      out.setRows(1); // nobody reads further back than the event at hand
      return 0;
    }
    if (out.isFull()) {
      flush();
    }
    int to = out.rows();
    out.setRows(to + 1);
    return to;
  }

  private void copyTimes(EventBatch in, int row, int to) {
    if (in.has(row, EventBatch.T_EXIT)) {
      out.setTExit(to, in.tExit(row));
    }
    copyThread(in, row, to);
  }

  private void copyThread(EventBatch in, int row, int to) {
    if (in.has(row, EventBatch.THREAD)) {
      out.setThread(to, in.thread(row));
    }
  }
}
