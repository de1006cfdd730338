package dev.kstrace.capture;

import dev.kstrace.traces.Detail;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.PinState;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Records what goes through allocators into one trace file, and never hurts its host: recording
 * throws nothing, waits for nothing, and allocates nothing per call.
 *
 * <p>Events get their {@code seq} at the point of effect, so that a frame freed on one thread and
 * handed out again on another stands in the right order. What does not fit into the buffer is
 * counted and stands in the trace as {@code events_lost}; a failing disk stops the recording and is
 * reported by {@link #close}. Thread-safe.
 */
public final class TraceRecorder implements Closeable {
  private static final long ROOM_POLL_NANOS = 50_000;

  private final EventRing ring;
  private final RingDrain drain;
  private final @Nullable BackgroundWriter writer;
  private final CallEnvironment environment;
  private final boolean waitWhenFull;

  /** Events that came after a failure had stopped the recording. */
  private final AtomicLong unrecorded = new AtomicLong();

  /** Whether {@link #close} or {@link #abandon} was called; guarded by this. */
  private boolean ended;

  private volatile int endRows;

  TraceRecorder(EventSink sink, CallEnvironment environment, RecorderOptions options) {
    this.environment = environment;
    ring = new EventRing(options.ringRows());
    drain = new RingDrain(ring, sink);
    waitWhenFull = options.waitWhenFull();
    writer =
        options.writesInline() ? null : new BackgroundWriter(ring, drain, options.flushMillis());
    if (writer != null) {
      writer.start();
    }
  }

  /**
   * Starts a recording.
   *
   * @param file the trace to write
   * @param metadata what the trace says about itself
   * @param environment clock, thread and IRQL of the recorded calls
   * @param options buffering
   * @throws java.nio.file.FileAlreadyExistsException if the file exists and may not be replaced
   * @throws IOException if the file cannot be written
   */
  public static TraceRecorder open(
      Path file, TraceMetadata metadata, CallEnvironment environment, RecorderOptions options)
      throws IOException {
    TraceWriter trace = TraceWriter.create(file, metadata, options.overwrite());
    return new TraceRecorder(new TraceSink(trace), environment, options);
  }

  /**
   * An allocator that records each call and hands it on to {@code inner}. Thread-safe if that is.
   */
  public AllocatorDispatch wrap(AllocatorDispatch inner) {
    return new RecordingDispatch(this, inner, null);
  }

  /** As {@link #wrap(AllocatorDispatch)}, with the usable size of each frame recorded too. */
  public AllocatorDispatch wrap(AllocatorDispatch inner, FrameSizer sizer) {
    return new RecordingDispatch(this, inner, sizer);
  }

  /** Records that a pin instance came into being. */
  public void pinCreate(long pin, Detail detail) {
    context(Op.PIN_CREATE, pin, true, detail);
  }

  /** Records that a pin instance was closed. */
  public void pinClose(long pin) {
    context(Op.PIN_CLOSE, pin, true, null);
  }

  /** Records that a pin went from one state to another. */
  public void pinState(long pin, PinState from, PinState to) {
    context(Op.PIN_STATE, pin, true, states(from, to).build());
  }

  /** As {@link #pinState(long, PinState, PinState)}, with the frame period in ns. */
  public void pinState(long pin, PinState from, PinState to, long periodNanos) {
    context(Op.PIN_STATE, pin, true, states(from, to).put("period_ns", periodNanos).build());
  }

  /** Records that a pin's reset began or ended. */
  public void pinReset(long pin, boolean begin) {
    Detail detail = Detail.builder().put("phase", begin ? "begin" : "end").build();
    context(Op.PIN_RESET, pin, true, detail);
  }

  /** Records that the minidriver was unloaded. */
  public void driverUnload() {
    context(Op.DRIVER_UNLOAD, 0, false, null);
  }

  /** Records a note, such as a test's name. */
  public void mark(String text) {
    mark(Detail.builder().put("text", text).build());
  }

  /** Records a note with keys of the producer's own. */
  public void mark(Detail detail) {
    context(Op.MARK, 0, false, detail);
  }

  /**
   * The time of the environment's clock in ns, for the entry of a call given to {@code client...}.
   */
  public long now() {
    return nanos();
  }

  /**
   * Records an allocation seen at a client layer, which has just returned.
   *
   * @param layer {@link Layer#IRP_METHOD} or {@link Layer#FUNCTION_TABLE}
   * @param context the allocator's context as at its callbacks
   * @param frame the frame's address, 0 = none
   * @param status NTSTATUS; STATUS_PENDING is completed by a second record with the frame
   * @param entryNanos {@link #now} as taken at the entry of the call
   */
  public void clientAllocate(Layer layer, long context, long frame, int status, long entryNanos) {
    long exit = nanos();
    long position = claim(exit);
    if (position >= 0) {
      int slot = begin(position, Op.ALLOCATE, layer, entryNanos);
      EventBatch rows = ring.rows();
      rows.setTExit(slot, exit);
      rows.setContext(slot, context);
      rows.setFrame(slot, frame);
      rows.setStatus(slot, status);
      publish(position);
    }
  }

  /** Records a free seen at a client layer, which is about to be made; it has no return. */
  public void clientFree(Layer layer, long context, long frame) {
    long entry = nanos();
    long position = claim(entry);
    if (position >= 0) {
      int slot = begin(position, Op.FREE, layer, entry);
      ring.rows().setContext(slot, context);
      ring.rows().setFrame(slot, frame);
      publish(position);
    }
  }

  /** Records an event as it is, except for its {@code seq}, which is the next one. */
  public void event(TraceEvent event) {
    long position = claim(event.tEntry());
    if (position >= 0) {
      ring.rows().set(ring.slot(position), EventRing.seq(position), event);
      publish(position);
    }
  }

  /** Rows of the trace so far, those not written yet included. */
  public long recordedEvents() {
    return ring.tail() + endRows;
  }

  /** Events that are not in the trace so far, whether they are accounted for in it or not. */
  public long lostEvents() {
    long unwritten = drain.failure() == null ? 0 : ring.tail() - ring.head();
    return ring.recordedLosses() + ring.openLosses() + unwritten + unrecorded.get();
  }

  /** What stopped the recording, or null while all is well. */
  public @Nullable Throwable failure() {
    return drain.failure();
  }

  /**
   * Ends the trace in order: all events, {@code trace_end}, footer. Calls of wrapped allocators go
   * through unrecorded from then on. A second call does nothing.
   *
   * @throws IOException if the recording failed, now or earlier
   */
  @Override
  public void close() throws IOException {
    end(true);
  }

  /**
   * Ends the trace as one that is cut: all events and the footer, but no {@code trace_end}.
   *
   * @throws IOException if the recording failed, now or earlier
   */
  public void abandon() throws IOException {
    end(false);
  }

  private synchronized void end(boolean orderly) throws IOException {
    if (ended) {
      return;
    }
    ended = true;
    ring.close();
    if (writer == null || writer.stop()) {
      writeEnd(orderly);
      drain.closeSink();
    } else {
      drain.fail(new IOException("trace not finished, the file does not take events any more"));
    }
    Throwable failure = drain.failure();
    if (failure instanceof IOException) {
      throw new IOException(failure.getMessage(), failure);
    }
    if (failure != null) {
      throw new IOException("recording stopped by " + failure, failure);
    }
  }

  private void writeEnd(boolean orderly) {
    EventBatch scratch = new EventBatch(2);
    long now = nanos();
    drain.finish(scratch, now);
    long position = ring.tail();
    int rows = 0;
    long open = ring.openLosses();
    if (open > 0) {
      ring.fillLoss(scratch, rows++, position++, open, "ring full", now);
    }
    if (orderly) {
      long lost = ring.recordedLosses();
      scratch.begin(rows, EventRing.seq(position), Op.TRACE_END.code(), Layer.NONE.code(), now);
      scratch.setDetail(rows++, Detail.builder().put("lost_total", lost).build().toJson());
    }
    if (rows > 0) {
      drain.writeScratch(scratch, rows);
    }
    endRows = rows;
  }

  private static Detail.Builder states(PinState from, PinState to) {
    return Detail.builder().put("from", from.code()).put("to", to.code());
  }

  private void context(Op op, long pin, boolean hasPin, @Nullable Detail detail) {
    long now = nanos();
    long position = claim(now);
    if (position >= 0) {
      int slot = begin(position, op, Layer.NONE, now);
      if (hasPin) {
        ring.rows().setPin(slot, pin);
      }
      if (detail != null) {
        ring.rows().setDetail(slot, detail.toJson());
      }
      publish(position);
    }
  }

  /** Resets the row of a claimed position; thread and IRQL are those of the caller. */
  private int begin(long position, Op op, Layer layer, long entryNanos) {
    int slot = ring.slot(position);
    ring.rows().begin(slot, EventRing.seq(position), op.code(), layer.code(), entryNanos);
    setCaller(slot, thread(), irql());
    return slot;
  }

  EventRing ring() {
    return ring;
  }

  void setCaller(int slot, int thread, int irqlEntry) {
    if (thread != -1) {
      ring.rows().setThread(slot, thread);
    }
    if (irqlEntry >= 0) {
      ring.rows().setIrqlEntry(slot, irqlEntry);
    }
  }

  /** Claims a position for an event; negative where it is not recorded. */
  long claim(long now) {
    long position = ring.claim(now, writer != null && !waitWhenFull);
    if (position >= 0) {
      return position;
    }
    if (position == EventRing.FULL && (writer == null || waitWhenFull)) {
      position = claimLater(now);
    }
    if (position == EventRing.CLOSED && drain.failure() != null) {
      unrecorded.incrementAndGet();
    }
    return position;
  }

  private long claimLater(long now) {
    long position = EventRing.FULL;
    while (position == EventRing.FULL && waitWhenFull) {
      if (writer == null) {
        drain.writeAll();
      } else {
        LockSupport.parkNanos(ROOM_POLL_NANOS);
      }
      position = ring.claim(now, false);
    }
    if (position == EventRing.FULL) {
      drain.writeAll();
      position = ring.claim(now, true);
    }
    return position;
  }

  /** Makes a row visible to the writer. */
  void publish(long position) {
    ring.done(position);
    if (writer == null && drain.isDue()) {
      drain.writeBatches();
    }
  }

  long nanos() {
    try {
      return environment.nanos();
    } catch (RuntimeException e) {
      return 0;
    }
  }

  int thread() {
    try {
      return environment.thread();
    } catch (RuntimeException e) {
      return -1;
    }
  }

  int irql() {
    try {
      return environment.irql();
    } catch (RuntimeException e) {
      return -1;
    }
  }
}
