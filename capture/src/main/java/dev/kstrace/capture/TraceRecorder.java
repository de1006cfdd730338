package dev.kstrace.capture;

import dev.kstrace.traces.Detail;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.PinState;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Records what goes through allocators into one trace file, and never hurts its host: recording
 * throws nothing, waits for nothing, and allocates nothing per call.
 *
 * <pre>{@code
 * try (TraceRecorder recorder = TraceRecorder.open(file, metadata)) {
 *   AllocatorDispatch allocator = recorder.wrap(myAllocator);
 *   recorder.mark("warm-up");
 *   ...
 * }
 * }</pre>
 *
 * <p>Events get their {@code seq} at the point of effect, so that a frame freed on one thread and
 * handed out again on another stands in the right order. What does not fit into the buffer is
 * counted and stands in the trace as {@code events_lost}; a failing disk stops the recording, which
 * the reporter of the options is told once, and the host goes on. A recorder that is never closed
 * is ended when the JVM shuts down; if the process is killed, the file can be read up to {@link
 * #flushedSeq}. Such a trace counts as cut. Thread-safe.
 */
public final class TraceRecorder implements AutoCloseable {
  private static final long FLUSH_POLL_NANOS = 200_000;
  private static final long FLUSH_WAIT_NANOS = 10_000_000_000L;

  /** More of a text than anybody reads; the format's limit is per file, not per event. */
  private static final int LONGEST_DETAIL = 1 << 16;

  private final EventRing ring;
  private final RingDrain drain;
  private final @Nullable BackgroundWriter writer;
  private final @Nullable RingDumps dumps;
  private final GuardedEnvironment environment;
  private final RecordingPath path;
  private final @Nullable Thread shutdownHook;

  /** Whether {@link #close} or {@link #abandon} was called; guarded by this. */
  private boolean ended;

  private volatile int endRows;

  TraceRecorder(Path file, EventSink sink, CallEnvironment environment, RecorderOptions options) {
    FailureReport report = new FailureReport(file, options.reporter());
    ring = new EventRing(options.bufferRows());
    drain = new RingDrain(ring, sink, report::stopped);
    this.environment = new GuardedEnvironment(environment);
    path = new RecordingPath(ring, drain, this.environment, options);
    dumps = RingDumps.of(file, sink, this::flush, options.reporter());
    if (options.writesInline()) {
      writer = null;
      shutdownHook = null;
    } else {
      Runnable everyFlush = dumps == null ? () -> {} : dumps::answerTrigger;
      writer = new BackgroundWriter(ring, drain, options.flushMillis(), everyFlush);
      writer.start();
      shutdownHook = new Thread(this::abandon, "kstrace-recorder-end");
      addShutdownHook(shutdownHook);
    }
  }

  /**
   * Starts a recording of Java code with the usual options: see {@link CallEnvironment#ofJvm} and
   * {@link RecorderOptions#background}.
   *
   * @throws java.nio.file.FileAlreadyExistsException if the file exists
   * @throws IOException if the file cannot be written
   */
  public static TraceRecorder open(Path file, TraceMetadata metadata) throws IOException {
    return open(file, metadata, CallEnvironment.ofJvm(), RecorderOptions.background());
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
    EventSink sink = EventSink.create(file, metadata, options);
    return new TraceRecorder(file, sink, environment, options);
  }

  private static void addShutdownHook(Thread hook) {
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is going down already; close is all that is left.
    }
  }

  /**
   * An allocator that records each call and hands it on to {@code inner}. Thread-safe if that is.
   */
  public AllocatorDispatch wrap(AllocatorDispatch inner) {
    return new RecordingDispatch(path, inner, null);
  }

  /** As {@link #wrap(AllocatorDispatch)}, with the usable size of each frame recorded too. */
  public AllocatorDispatch wrap(AllocatorDispatch inner, FrameSizer sizer) {
    return new RecordingDispatch(path, inner, sizer);
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

  /**
   * Records a note: the name of a test, a phase. Findings name the last one before them.
   *
   * @param text what happens from here on
   * @param keysAndValues keys of the producer's own, each followed by its value, such as {@code
   *     "test", "PinTest.closes", "repetition", "3"}; a last key without one has an empty value
   */
  public void mark(String text, String... keysAndValues) {
    Detail.Builder detail = Detail.builder().put("text", text);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      detail.put(keysAndValues[i], i + 1 < keysAndValues.length ? keysAndValues[i + 1] : "");
    }
    mark(detail.build());
  }

  /** Records a note with keys of the producer's own. */
  public void mark(Detail detail) {
    context(Op.MARK, 0, false, detail);
  }

  /**
   * The time of the environment's clock in ns, for the entry of a call given to {@code client...}.
   */
  public long now() {
    return environment.nanos();
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
    long exit = environment.nanos();
    long position = path.claim(exit);
    if (position >= 0) {
      int slot = path.begin(position, Op.ALLOCATE, layer, entryNanos, environment.irql());
      RingRows rows = ring.rows();
      rows.setTExit(slot, exit);
      rows.setContext(slot, context);
      rows.setFrame(slot, frame);
      rows.setStatus(slot, status);
      path.publish(position);
    }
  }

  /** Records a free seen at a client layer, which is about to be made; it has no return. */
  public void clientFree(Layer layer, long context, long frame) {
    long entry = environment.nanos();
    long position = path.claim(entry);
    if (position >= 0) {
      int slot = path.begin(position, Op.FREE, layer, entry, environment.irql());
      ring.rows().setContext(slot, context);
      ring.rows().setFrame(slot, frame);
      path.publish(position);
    }
  }

  /** Records an event as it is, except for its {@code seq}, which is the next one. */
  public void event(TraceEvent event) {
    long position = path.claim(event.tEntry());
    if (position >= 0) {
      ring.rows().set(ring.slot(position), event);
      path.publish(position);
    }
  }

  /** Rows of the trace so far, those not written yet included. */
  public long recordedEvents() {
    return ring.tail() + endRows;
  }

  /**
   * Hands everything recorded so far to the operating system, calls that have not returned
   * included; in ring mode to the ring.
   *
   * @return false if the recording has stopped, or the file takes no events for ten seconds
   */
  public boolean flush() {
    long end = ring.tail();
    if (writer == null) {
      drain.writeAll();
    }
    boolean interrupted = false;
    for (long waited = 0; ring.head() < end && waited < FLUSH_WAIT_NANOS; ) {
      if (writer == null || drain.failure() != null) {
        break;
      }
      writer.request(end);
      LockSupport.parkNanos(FLUSH_POLL_NANOS);
      waited += FLUSH_POLL_NANOS;
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return drain.failure() == null && ring.head() >= end;
  }

  /**
   * The {@code seq} up to which every event has been handed to the operating system: these survive
   * whatever happens to this process, though not a crash of the machine. In ring mode nothing does
   * before a dump.
   */
  public long flushedSeq() {
    return drain.flushedSeq();
  }

  /**
   * Ring mode: writes what the ring holds now into a file of its own beside the recorder's, {@code
   * trace-1.arrow} beside {@code trace.arrow}, and goes on recording.
   *
   * @return the file
   * @throws IOException if it cannot be written
   * @throws IllegalStateException if the recorder has no ring
   */
  public Path dump() throws IOException {
    return requireRing().dump();
  }

  /** As {@link #dump()}, into a file of the caller's choice, which must not exist. */
  public void dump(Path target) throws IOException {
    requireRing().dump(target);
  }

  /** Dumps of the ring; null where every event goes to the file. */
  public @Nullable RingDumps ringDumps() {
    return dumps;
  }

  private RingDumps requireRing() {
    if (dumps == null) {
      throw new IllegalStateException("no ring to dump; give RecorderOptions.withRing");
    }
    return dumps;
  }

  /**
   * Events that are not in the trace so far, by cause; only causes that occurred. Those that came
   * after the recording had stopped are in no file.
   */
  public Map<String, Long> lossesByCause() {
    Map<String, Long> losses = new LinkedHashMap<>();
    put(
        losses,
        EventRing.FULL_CAUSE,
        ring.recordedLosses() + ring.openLosses() - ring.stalledLosses());
    put(losses, "producer stalled", ring.stalledLosses());
    put(losses, "recording stopped", lostByFailure());
    return losses;
  }

  private static void put(Map<String, Long> losses, String cause, long count) {
    if (count > 0) {
      losses.put(cause, count);
    }
  }

  private long lostByFailure() {
    long unwritten = drain.failure() == null ? 0 : ring.tail() - ring.head();
    return unwritten + path.unrecorded();
  }

  /** Events that are not in the trace so far, whether they are accounted for in it or not. */
  public long lostEvents() {
    return ring.recordedLosses() + ring.openLosses() + lostByFailure();
  }

  /**
   * For hosts to whom the trace is what matters.
   *
   * @throws IOException if the recording stopped before it was ended
   */
  public void requireRecorded() throws IOException {
    Throwable failure = drain.failure();
    if (failure instanceof IOException) {
      throw new IOException(failure.getMessage(), failure);
    }
    if (failure != null) {
      throw new IOException("recording stopped by " + failure, failure);
    }
  }

  /** What stopped the recording, or null while all is well. */
  public @Nullable Throwable failure() {
    return drain.failure();
  }

  /**
   * Ends the trace in order: all events, {@code trace_end}, footer. Calls of wrapped allocators go
   * through unrecorded from then on. A second call does nothing. Throws nothing, since its host is
   * not to suffer: {@link #failure} says whether the trace is whole.
   */
  @Override
  public void close() {
    end(true);
  }

  /**
   * As {@link #close}, for a host that did not come to its orderly end: without {@code trace_end},
   * so that what is live now does not count as leaked.
   */
  public void abandon() {
    end(false);
  }

  private synchronized void end(boolean orderly) {
    if (ended) {
      return;
    }
    ended = true;
    ring.close();
    if (writer == null || writer.stop()) {
      writeEnd(orderly);
      if (dumps != null) {
        dumps.await();
      }
      drain.closeSink();
    } else {
      drain.fail(new IOException("the file does not take events any more"));
    }
    if (shutdownHook != null && shutdownHook != Thread.currentThread()) {
      try {
        Runtime.getRuntime().removeShutdownHook(shutdownHook);
      } catch (IllegalStateException e) {
        // Shutting down: the hook will find the recorder ended.
      }
    }
  }

  private void writeEnd(boolean orderly) {
    long now = environment.nanos();
    drain.finish(now);
    EventBatch end = new EventBatch(2);
    ring.addOpenLosses(end, now);
    if (orderly) {
      long seq = EventRing.seq(ring.tail() + end.rows());
      Detail lost = Detail.builder().put("lost_total", ring.recordedLosses()).build();
      end.add(TraceEvent.of(seq, Op.TRACE_END, Layer.NONE, now).detail(lost.toJson()).build());
    }
    drain.writeEnd(end);
    endRows = end.rows();
  }

  private static Detail.Builder states(PinState from, PinState to) {
    return Detail.builder().put("from", from.code()).put("to", to.code());
  }

  private void context(Op op, long pin, boolean hasPin, @Nullable Detail detail) {
    String text = detail == null ? null : text(detail);
    long now = environment.nanos();
    long position = path.claim(now);
    if (position >= 0) {
      int slot = path.begin(position, op, Layer.NONE, now, environment.irql());
      if (hasPin) {
        ring.rows().setPin(slot, pin);
      }
      ring.rows().setDetail(slot, text);
      path.publish(position);
    }
  }

  /** The detail as text, or what is left to say of one that is too long. */
  private static String text(Detail detail) {
    String json = detail.toJson();
    if (json.length() <= LONGEST_DETAIL) {
      return json;
    }
    String text = String.valueOf(detail.text("text"));
    String head = text.substring(0, Math.min(text.length(), LONGEST_DETAIL / 16));
    return Detail.builder().put("text", head).put("shortened", true).build().toJson();
  }

  EventRing ring() {
    return ring;
  }
}
