package dev.kstrace.capture.run;

import dev.kstrace.capture.OnFull;
import dev.kstrace.traces.Compression;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
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
  private final TraceWriter trace;
  private final long flushNanos;
  private final EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);
  private final Thread thread = new Thread(this::run, "kstrace-run");
  private volatile boolean stopping;
  private volatile @Nullable Throwable failure;
  private boolean orderly;
  private long recorded;
  private long lastWrite;
  private long blockedAt = -1;
  private long blockedSince;

  private RunRecording(Path ringFile, SharedRing ring, TraceWriter trace, Options options) {
    this.ringFile = ringFile;
    this.ring = ring;
    this.trace = trace;
    this.flushNanos = TimeUnit.MILLISECONDS.toNanos(options.flushMillis());
    thread.setDaemon(true);
  }

  /**
   * How to record.
   *
   * @param ringSlots events buffered at most, 64 bytes each; a power of two, at least 1024
   * @param onFull {@link OnFull#BLOCK}: the program waits for room, a second at most
   * @param flushMillis age in ms at which events are written even if few, and at which a free or
   *     delete that has not returned is written without its return; at least 1
   * @param compression how record batches are stored; the recorder's thread compresses
   * @param overwrite whether an existing trace is replaced
   */
  public record Options(
      int ringSlots, OnFull onFull, long flushMillis, Compression compression, boolean overwrite) {
    /** Checks the values. */
    public Options {
      if (flushMillis < 1) {
        throw new IllegalArgumentException("flushMillis=" + flushMillis + ", expected at least 1");
      }
    }

    /** 262,144 slots (16 MiB), events are dropped where it is full, 200 ms, no overwriting. */
    public static Options defaults() {
      return new Options(1 << 18, OnFull.DROP, 200, Compression.NONE, false);
    }
  }

  /**
   * Makes a ring and the trace, and starts to record.
   *
   * @param file the trace to write
   * @param metadata what it says about itself
   * @throws java.nio.file.FileAlreadyExistsException if the trace exists and may not be replaced
   * @throws IOException if the trace or the ring cannot be made
   */
  public static RunRecording start(Path file, TraceMetadata metadata, Options options)
      throws IOException {
    Path ringFile = ringFile();
    try {
      SharedRing ring =
          SharedRing.create(ringFile, options.ringSlots(), options.onFull() == OnFull.BLOCK);
      TraceWriter trace =
          TraceWriter.create(file, metadata, options.overwrite(), options.compression());
      RunRecording recording = new RunRecording(ringFile, ring, trace, options);
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

  /** Rows of the trace; after {@link #close}. */
  public long recordedEvents() {
    return recorded;
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
   * @throws IOException if the trace could not be written, now or earlier; what was written is
   *     readable
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
      trace.close();
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
      ring.close();
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
    while (!stopping) {
      long before = ring.position();
      step(System.nanoTime());
      poll =
          ring.position() != before ? SHORTEST_POLL_NANOS : Math.min(2 * poll, LONGEST_POLL_NANOS);
      if (!batch.isFull()) {
        LockSupport.parkNanos(Math.min(poll, flushNanos));
      }
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
      trace.write(batch, 0, batch.rows());
      recorded += batch.rows();
      batch.clear();
    }
    lastWrite = now;
  }
}
