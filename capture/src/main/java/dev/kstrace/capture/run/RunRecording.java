package dev.kstrace.capture.run;

import dev.kstrace.capture.EventSink;
import dev.kstrace.capture.FailureReport;
import dev.kstrace.capture.RecorderOptions;
import dev.kstrace.capture.RingDumps;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Records what instrumented programs write into a shared ring, until it is told that they ended.
 *
 * <p>A daemon thread of its own empties the ring: whole batches at once, the rest by age. A trace
 * that cannot be written any more ends the recording and not the program, which goes on unrecorded.
 * Closing is thread-safe.
 */
public final class RunRecording implements AutoCloseable {
  /** The environment variable that tells a program where its ring is. */
  public static final String VARIABLE = "KSTRACE_RING";

  private static final long SHORTEST_POLL_NANOS = 200_000;
  private static final long LONGEST_POLL_NANOS = 5_000_000;
  private static final long STALL_NANOS = 1_000_000_000;

  private final Path ringFile;
  private final SharedRing ring;
  private final EventSink trace;
  private final @Nullable RingDumps dumps;
  private final FailureReport report;
  private final long flushNanos;
  private final EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);
  private final Thread thread = new Thread(this::run, "kstrace-run");
  private volatile boolean stopping;
  private volatile @Nullable Throwable failure;
  private boolean orderly;
  private final AtomicLong recorded = new AtomicLong();
  private long lastWrite;
  private long lastTurn;
  private int dumpsAnswered;
  private long blockedAt = -1;
  private long blockedSince;

  private RunRecording(
      Path file, Path ringFile, SharedRing ring, EventSink trace, RecorderOptions options) {
    this.ringFile = ringFile;
    this.ring = ring;
    this.trace = trace;
    this.report = new FailureReport(file, options.reporter());
    this.dumps = RingDumps.of(file, trace, () -> {}, options.reporter());
    this.flushNanos = TimeUnit.MILLISECONDS.toNanos(options.flushMillis());
    thread.setDaemon(true);
  }

  /**
   * The usual options: a shared ring of 262,144 slots (16 MiB), which is what {@link
   * RecorderOptions#bufferRows} means here, dropping what finds no room; a program that is to wait
   * does so for a second at most.
   */
  public static RecorderOptions options() {
    return RecorderOptions.background().withBufferRows(1 << 18);
  }

  /**
   * Makes a ring and the trace, and starts to record.
   *
   * @param file the trace to write
   * @param metadata what it says about itself
   * @param options as made of {@link #options}
   * @throws IllegalArgumentException if there are fewer than 1024 buffer rows
   * @throws java.nio.file.FileAlreadyExistsException if the trace exists and may not be replaced
   * @throws IOException if the trace or the ring cannot be made
   */
  public static RunRecording start(Path file, TraceMetadata metadata, RecorderOptions options)
      throws IOException {
    Path ringFile = ringFile();
    try {
      SharedRing ring = SharedRing.create(ringFile, options.bufferRows(), options.blocks());
      EventSink trace = EventSink.create(file, metadata, options);
      RunRecording recording = new RunRecording(file, ringFile, ring, trace, options);
      recording.thread.start();
      return recording;
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(ringFile);
      throw e;
    }
  }

  /** In memory where the system has a folder for that, since nobody needs the ring afterwards. */
  private static Path ringFile() throws IOException {
    Path memory = Path.of("/dev/shm");
    return Files.isDirectory(memory) && Files.isWritable(memory)
        ? Files.createTempFile(memory, "kstrace-", ".ring")
        : Files.createTempFile("kstrace-", ".ring");
  }

  /** The ring's file, the value of {@link #VARIABLE}. */
  public Path ring() {
    return ringFile;
  }

  /** Dumps of the ring; null where every event goes to the file. */
  public @Nullable RingDumps ringDumps() {
    return dumps;
  }

  /** Rows of the trace so far, in ring mode those that left it included. */
  public long recordedEvents() {
    return recorded.get();
  }

  /** Events lost, of all causes; after {@link #close}. */
  public long lostEvents() {
    return ring.lost();
  }

  /** Processes that were recorded. */
  public int processes() {
    return ring.attached();
  }

  /**
   * Whether every process that was recorded ended in order, so that the trace is whole; after
   * {@link #close}.
   */
  public boolean endedInOrder() {
    return orderly;
  }

  /**
   * Takes what is left in the ring and ends the trace: with {@code trace_end} where all recorded
   * processes ended in order, else as one that is cut. A second call does nothing.
   *
   * @throws IOException if the trace could not be written, now or earlier, which the reporter of
   *     the options was told; what was written is readable
   */
  @Override
  public synchronized void close() throws IOException {
    if (stopping) {
      return;
    }
    stopping = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    Files.deleteIfExists(ringFile);
    if (failure != null) {
      throw new IOException(failure.getMessage(), failure);
    }
  }

  private void run() {
    try {
      record();
      finish();
      if (dumps != null) {
        dump(dumps, ring.dumps(), lastTurn);
        dumps.await();
      }
      trace.close();
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
      ring.close();
      report.stopped(e);
      abort();
    }
  }

  private void abort() {
    try {
      trace.abort();
    } catch (IOException e) {
      // The first failure is the one to tell.
    }
  }

  private void record() throws IOException {
    long poll = SHORTEST_POLL_NANOS;
    lastWrite = System.nanoTime();
    lastTurn = lastWrite;
    while (!stopping) {
      long before = ring.position();
      int dumpsAsked = ring.dumps();
      long now = System.nanoTime();
      step(now);
      if (dumps != null) {
        dump(dumps, dumpsAsked, now);
      }
      poll =
          ring.position() != before ? SHORTEST_POLL_NANOS : Math.min(2 * poll, LONGEST_POLL_NANOS);
      if (!batch.isFull()) {
        LockSupport.parkNanos(Math.min(poll, flushNanos));
      }
    }
  }

  /** Answers the program, and whoever asks from outside; the ring has all that went before. */
  private void dump(RingDumps ringDumps, int asked, long now) throws IOException {
    if (asked != dumpsAnswered) {
      dumpsAnswered = asked;
      write(now);
      ringDumps.dumpSoon();
    }
    if (now - lastTurn >= flushNanos) {
      lastTurn = now;
      write(now);
      ringDumps.answerTrigger();
    }
  }

  private void step(long now) throws IOException {
    ring.drain(batch, isBlockedFor(flushNanos, now));
    if (batch.isFull() || (batch.rows() > 0 && now - lastWrite >= flushNanos)) {
      write(now);
    } else if (batch.rows() == 0) {
      lastWrite = now;
    }
    if (isBlockedFor(STALL_NANOS, now) && !batch.isFull()) {
      ring.skipUnpublished(batch, now);
    }
  }

  /** Whether the event next in order has been waited for that long. */
  private boolean isBlockedFor(long nanos, long now) {
    if (ring.isDrained()) {
      blockedAt = -1;
      return false;
    }
    if (blockedAt != ring.position()) {
      blockedAt = ring.position();
      blockedSince = now;
    }
    return now - blockedSince >= nanos;
  }

  /** Empties the ring for good, after the program's end. */
  private void finish() throws IOException {
    ring.close();
    long start = System.nanoTime();
    while (!ring.isDrained()) {
      ring.drain(batch, true);
      if (batch.isFull()) {
        write(start);
      } else if (ring.isDrained()) {
        break;
      } else if (System.nanoTime() - start < STALL_NANOS && !ring.allDetached()) {
        LockSupport.parkNanos(SHORTEST_POLL_NANOS); // it may be about to publish
      } else {
        ring.skipUnpublished(batch, System.nanoTime());
      }
    }
    makeRoom();
    ring.addOpenLosses(batch, System.nanoTime());
    makeRoom();
    orderly = ring.allDetached();
    if (orderly) {
      ring.addEnd(batch, System.nanoTime());
    }
    write(start);
  }

  private void makeRoom() throws IOException {
    if (batch.isFull()) {
      write(lastWrite);
    }
  }

  private void write(long now) throws IOException {
    if (batch.rows() > 0) {
      trace.write(batch);
      recorded.addAndGet(batch.rows());
      batch.clear();
    }
    lastWrite = now;
  }
}
