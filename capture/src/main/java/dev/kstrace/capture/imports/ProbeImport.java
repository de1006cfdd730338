package dev.kstrace.capture.imports;

import dev.kstrace.capture.imports.KsAllocTraceSchema.Event;
import dev.kstrace.capture.imports.KsAllocTraceSchema.Field;
import dev.kstrace.capture.imports.LossLedger.Cause;
import dev.kstrace.traces.Detail;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a trace of the probe's events and of marks around them.
 *
 * <p>The order is that of {@code Seq}; a hole in it is an {@code events_lost} row with the exact
 * count, followed by a hole of the same size in the trace's own numbers. Marks have no Seq, so the
 * trace's numbers run ahead of the probe's by the marks before them. Not thread-safe.
 */
public final class ProbeImport {
  /** "seq" where the probe's numbers give the order, "inferred" where only times do. */
  public static final String ORDER = "kstrace.order";

  /** How many events have a time stamp before that of their predecessor in Seq. */
  public static final String TIME_CONTRADICTS_SEQ = "kstrace.time_contradicts_seq";

  /** How many events came so late that they stand out of order. */
  public static final String LATE_EVENTS = "kstrace.late_events";

  private static final int WINDOW = 1 << 16;

  private final ImportedTrace trace;
  private final LossLedger losses;
  private final boolean whole;
  private final SeqWindow window;
  private final Set<Long> openContexts = new HashSet<>();
  private boolean first = true;
  private long lastSeq;
  private long latestEffect = Long.MIN_VALUE;
  private long contradictions;
  private long lastTime;
  private long calls;
  private long starts;
  private boolean sawProbe;
  private String driver = "";
  private @Nullable Long lastCounted;
  private long failedBefore = -1;
  private long failedWrites;

  /**
   * An import into a trace that has no events yet.
   *
   * @param losses where missing events are counted
   * @param whole whether the session covered the driver's whole life, so that what is not in it did
   *     not happen
   */
  public ProbeImport(ImportedTrace trace, LossLedger losses, boolean whole) {
    this(trace, losses, whole, WINDOW);
  }

  ProbeImport(ImportedTrace trace, LossLedger losses, boolean whole, int window) {
    this.trace = trace;
    this.losses = losses;
    this.whole = whole;
    this.window = new SeqWindow(window, this::emit);
  }

  /** Allocator calls so far. */
  public long calls() {
    return calls;
  }

  /** Whether the probe was there at all: a trace without calls is then a result. */
  public boolean sawProbe() {
    return sawProbe;
  }

  /**
   * Takes an event of the probe.
   *
   * @param event the event; not kept
   * @param timeNs its time
   * @param beginNs when the call was entered; {@code timeNs} where that is not known
   * @param thread the thread that wrote it; null = not known
   * @throws TwoProbesException if events of two drivers are mixed
   */
  public void accept(ProbeEvent event, long timeNs, long beginNs, @Nullable Integer thread)
      throws IOException {
    sawProbe = true;
    Event kind = event.event();
    if (kind == null || !event.has(Field.SEQ)) {
      if (kind == Event.PROBE_COUNTERS && event.isComplete()) {
        counters(event);
      } else {
        mark(timeNs, thread, Detail.builder().put("text", event.name()).build().toJson());
      }
      return;
    }
    if (!event.isComplete()) {
      losses.add(Cause.UNDECODED, 1);
      return;
    }
    if (kind == Event.PROBE_START) {
      begin(event);
    }
    int row = window.claim();
    fill(row, kind, event, timeNs, beginNs);
    if (thread != null) {
      window.rows().setThread(row, thread);
    }
    window.put(row);
  }

  /** Takes a note of another provider; it stands behind the events that arrived before it. */
  public void mark(long timeNs, @Nullable Integer thread, String detail) throws IOException {
    int row = window.claim();
    EventBatch rows = window.rows();
    rows.begin(row, 0, Op.MARK.code(), Layer.NONE.code(), timeNs);
    rows.setDetail(row, detail);
    if (thread != null) {
      rows.setThread(row, thread);
    }
    window.putMark(row);
  }

  private void counters(ProbeEvent event) {
    lastCounted = event.get(Field.LAST_SEQ);
    failedWrites = event.get(Field.WRITE_FAILED);
    if (failedBefore < 0) {
      // The count runs since the driver was loaded; only a whole session owns all of it.
      failedBefore = whole ? 0 : failedWrites;
    }
  }

  /** A start with a number that was already there: the driver was loaded anew and counts from 1. */
  private void begin(ProbeEvent event) throws IOException {
    if (starts > 0 && !driver.equals(event.driver())) {
      throw new TwoProbesException(driver, event.driver());
    }
    driver = event.driver();
    starts++;
    if (failedBefore < 0 && event.get(Field.SEQ) == 1) {
      failedBefore = 0; // the probe's first event of all: what it counts happened since
    }
    boolean reloaded = Long.compareUnsigned(event.get(Field.SEQ), window.highest()) <= 0;
    if (reloaded && window.highest() != 0) {
      window.flush();
      if (tail()) {
        trace.append(Op.DRIVER_UNLOAD, Layer.NONE, lastTime);
        openContexts.clear();
      }
      window.restart();
      first = true;
      lastCounted = null;
    }
  }

  private void fill(int row, Event kind, ProbeEvent event, long timeNs, long beginNs) {
    EventBatch rows = window.rows();
    long seq = event.get(Field.SEQ);
    switch (kind) {
      case ALLOCATOR_INITIALIZE, ALLOCATOR_RUNDOWN -> {
        // A rundown repeats when the call began, which may have been days ago.
        long entry = kind == Event.ALLOCATOR_RUNDOWN ? timeNs : beginNs;
        rows.begin(row, seq, Op.INITIALIZE.code(), Layer.CALLBACK.code(), entry);
        rows.setTExit(row, timeNs);
        initialize(row, event);
      }
      case FRAME_ALLOCATE -> {
        rows.begin(row, seq, Op.ALLOCATE.code(), Layer.CALLBACK.code(), beginNs);
        rows.setTExit(row, timeNs);
        rows.setFrame(row, event.get(Field.FRAME));
      }
      case FRAME_FREE -> {
        rows.begin(row, seq, Op.FREE.code(), Layer.CALLBACK.code(), timeNs);
        rows.setFrame(row, event.get(Field.FRAME));
      }
      case ALLOCATOR_DELETE -> {
        rows.begin(row, seq, Op.DELETE.code(), Layer.CALLBACK.code(), timeNs);
        if (event.get(Field.OUTSTANDING) >= 0) {
          rows.setDetail(row, outstanding(Detail.builder(), event).build().toJson());
        }
      }
      default -> {
        rows.begin(row, seq, Op.MARK.code(), Layer.NONE.code(), timeNs);
        rows.setDetail(row, startDetail(event));
        return;
      }
    }
    boolean failed = rows.has(row, EventBatch.STATUS) && !NtStatus.isSuccess(rows.status(row));
    if (!failed) {
      rows.setContext(row, event.get(Field.CONTEXT));
    }
    rows.setIrqlEntry(row, (int) event.get(Field.IRQL));
  }

  private void initialize(int row, ProbeEvent event) {
    EventBatch rows = window.rows();
    if (event.get(Field.PIN) != 0) {
      rows.setPin(row, event.get(Field.PIN));
    }
    rows.setStatus(row, (int) event.get(Field.STATUS));
    rows.setFraming(
        row,
        new Framing(
            (int) event.get(Field.OPTIONS_FLAGS),
            (int) event.get(Field.POOL_TYPE),
            (int) event.get(Field.FRAMES),
            (int) event.get(Field.FRAME_SIZE),
            (int) event.get(Field.FILE_ALIGNMENT),
            0));
    Detail.Builder detail =
        Detail.builder()
            .put("pin_id", event.get(Field.PIN_ID))
            .put("kind", event.get(Field.KIND) == 1 ? "default_ex" : "pin_dispatch");
    if (event.event() == Event.ALLOCATOR_RUNDOWN) {
      detail.put("text", Event.ALLOCATOR_RUNDOWN.label());
      outstanding(detail, event);
    }
    rows.setDetail(row, detail.build().toJson());
  }

  /** Adds the probe's own count of frames, where it has one. */
  private static Detail.Builder outstanding(Detail.Builder detail, ProbeEvent event) {
    long count = event.get(Field.OUTSTANDING);
    return count < 0 ? detail : detail.put("outstanding", count);
  }

  private static String startDetail(ProbeEvent event) {
    return Detail.builder()
        .put("text", Event.PROBE_START.label())
        .put("driver", event.driver())
        .put("probe_version", event.get(Field.PROBE_VERSION))
        .put("pointer_size", event.get(Field.POINTER_SIZE))
        .put("qpc_freq", event.get(Field.QPC_FREQ))
        .build()
        .toJson();
  }

  private void emit(EventBatch rows, int row, boolean numbered) throws IOException {
    int op = rows.op(row);
    if (op == Op.INITIALIZE.code()) {
      noteInitialize(rows, row);
    } else if (op == Op.DELETE.code()) {
      openContexts.remove(rows.context(row));
    }
    lastTime = rows.has(row, EventBatch.T_EXIT) ? rows.tExit(row) : rows.tEntry(row);
    if (!numbered) {
      trace.append(trace.lastSeq() + 1, rows, row);
      return;
    }
    calls += op == Op.MARK.code() ? 0 : 1;
    contradictions += lastTime < latestEffect ? 1 : 0;
    latestEffect = Math.max(latestEffect, lastTime);
    trace.append(number(rows.seq(row), op, rows.tEntry(row)), rows, row);
  }

  /** The place of a Seq among the trace's own numbers; a hole before it is announced. */
  private long number(long seq, int op, long timeNs) throws IOException {
    if (first) {
      first = false;
      lastSeq = seq;
      long missing = head(seq, op, timeNs);
      return trace.lastSeq() + 1 + missing;
    }
    if (Long.compareUnsigned(seq, lastSeq) <= 0) {
      return trace.lastSeq() - (lastSeq - seq);
    }
    long missing = seq - lastSeq - 1;
    if (missing != 0) {
      losses.add(Cause.SEQ_GAPS, missing);
      trace.lost(timeNs, missing, "hole in Seq: " + range(lastSeq + 1, seq - 1) + " missing");
    }
    lastSeq = seq;
    return trace.lastSeq() + 1 + missing;
  }

  /** Events that are known to be missing before the first one. */
  private long head(long seq, int op, long timeNs) throws IOException {
    if (whole && seq != 1) {
      losses.add(Cause.HEAD_MISSING, seq - 1);
      trace.lost(timeNs, seq - 1, "beginning: Seq " + range(1, seq - 1) + " missing");
      return seq - 1;
    }
    if (seq != 1 && op != Op.MARK.code()) {
      losses.setUnknown(Cause.HEAD_MISSING);
      trace.lost(timeNs, null, "beginning: no ProbeStart");
    }
    return 0;
  }

  private static String range(long from, long to) {
    return from == to
        ? Long.toUnsignedString(from)
        : Long.toUnsignedString(from) + " to " + Long.toUnsignedString(to);
  }

  private void noteInitialize(EventBatch rows, int row) {
    boolean rundown = String.valueOf(rows.detail(row)).contains(Event.ALLOCATOR_RUNDOWN.label());
    if (!NtStatus.isSuccess(rows.status(row))) {
      return;
    }
    boolean isNew = openContexts.add(rows.context(row));
    if (rundown && !isNew) {
      // The trace knows this allocator: a second initialize would make it two.
      String detail = rows.detail(row);
      long time = rows.tExit(row);
      rows.begin(row, rows.seq(row), Op.MARK.code(), Layer.NONE.code(), time);
      rows.setDetail(row, detail);
    }
  }

  /** Lets the last events out and says how the trace ends; call once. */
  public void finish() throws IOException {
    window.flush();
    if (failedBefore >= 0) {
      losses.set(Cause.WRITE_FAILED, Math.max(0, failedWrites - failedBefore));
    }
    boolean complete = tail();
    if (complete && (whole || openContexts.isEmpty())) {
      int row = trace.append(Op.TRACE_END, Layer.NONE, lastTime);
      trace.rows().setDetail(row, Detail.builder().put("lost_total", lostTotal()).build().toJson());
    }
    TraceMetadata metadata =
        trace
            .metadata()
            .with(ORDER, "seq")
            .with(TIME_CONTRADICTS_SEQ, Long.toString(contradictions))
            .with(LATE_EVENTS, Long.toString(window.late()));
    if (!driver.isEmpty()) {
      metadata = metadata.with("kstrace.driver", driver);
    }
    trace.describe(losses.describe(metadata));
  }

  private long lostTotal() {
    return losses.count(Cause.SEQ_GAPS) + Math.max(0, losses.count(Cause.TAIL_MISSING));
  }

  /** Compares the probe's last counters with the last Seq; false where the end may be missing. */
  private boolean tail() throws IOException {
    Long counted = lastCounted;
    long seen = window.highest();
    if (counted == null || Long.compareUnsigned(counted, seen) < 0) {
      losses.setUnknown(Cause.TAIL_MISSING);
      return false;
    }
    if (counted != seen) {
      losses.add(Cause.TAIL_MISSING, counted - seen);
      trace.lost(lastTime, counted - seen, "end: Seq " + range(seen + 1, counted) + " missing");
    }
    return true;
  }

  /** Sentences for the user about the order. */
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (contradictions > 0) {
      notes.add(
          events(contradictions, " has", "s have")
              + " a time before that of the predecessor in Seq; the order is Seq's");
    }
    if (window.late() > 0) {
      notes.add(
          events(window.late(), " comes", "s come")
              + String.format(
                  Locale.ROOT,
                  " more than %,d events too late, out of order",
                  window.rows().capacity()));
    }
    return notes;
  }

  private static String events(long count, String one, String many) {
    return String.format(Locale.ROOT, "%,d event%s", count, count == 1 ? one : many);
  }

  /** Events of two drivers in one file, each with numbers of its own, which form no order. */
  public static final class TwoProbesException extends IOException {
    private static final long serialVersionUID = 1L;

    TwoProbesException(String first, String second) {
      super(
          "holds events of two probes, drivers "
              + first
              + " and "
              + second
              + ", whose Seq do not form one order; record each driver in a session of its own");
    }
  }
}
