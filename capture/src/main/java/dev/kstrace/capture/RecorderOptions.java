package dev.kstrace.capture;

import dev.kstrace.traces.Compression;
import dev.kstrace.traces.TraceWriter;
import java.util.function.Consumer;

/**
 * How a recorder buffers and writes. Immutable; start with {@link #background} or {@link #inline}
 * and change what has to be different:
 *
 * <pre>{@code
 * RecorderOptions.background().withOnFull(OnFull.BLOCK).withCompression(Compression.ZSTD)
 * }</pre>
 */
public final class RecorderOptions {
  private static final int DEFAULT_BUFFER_ROWS = 4 * TraceWriter.BATCH_ROWS;
  private static final long DEFAULT_FLUSH_MILLIS = 200;
  private static final long SMALLEST_RING = 1 << 20;

  private final boolean writesInline;
  private int bufferRows = DEFAULT_BUFFER_ROWS;
  private long flushMillis = DEFAULT_FLUSH_MILLIS;
  private OnFull onFull = OnFull.DROP;
  private boolean overwrite;
  private Compression compression = Compression.NONE;
  private long ringBytes;
  private boolean exitTimes = true;
  private Consumer<String> reporter = System.err::println;

  private RecorderOptions(boolean writesInline) {
    this.writesInline = writesInline;
  }

  private RecorderOptions(RecorderOptions from) {
    writesInline = from.writesInline;
    bufferRows = from.bufferRows;
    flushMillis = from.flushMillis;
    onFull = from.onFull;
    overwrite = from.overwrite;
    compression = from.compression;
    ringBytes = from.ringBytes;
    exitTimes = from.exitTimes;
    reporter = from.reporter;
  }

  /**
   * A daemon thread writes; recording threads never touch the file. Unless changed: room for 65,536
   * events, flushed at least every 200 ms, dropping what finds no room.
   */
  public static RecorderOptions background() {
    return new RecorderOptions(false);
  }

  /** Recording threads write; no thread, no wall clock, so equal calls give equal bytes. */
  public static RecorderOptions inline() {
    return new RecorderOptions(true);
  }

  /**
   * Room for this many events between recording threads and the file, about 80 bytes each.
   *
   * @throws IllegalArgumentException unless a power of two, at least 4
   */
  public RecorderOptions withBufferRows(int rows) {
    if (rows < 4 || Integer.bitCount(rows) != 1) {
      throw new IllegalArgumentException(
          "bufferRows=" + rows + ", expected a power of two, at least 4");
    }
    RecorderOptions changed = new RecorderOptions(this);
    changed.bufferRows = rows;
    return changed;
  }

  /**
   * The age in ms at which buffered events are written even if few, and at which a free or delete
   * that has not returned is written without its return; background only.
   *
   * @throws IllegalArgumentException if less than 1
   */
  public RecorderOptions withFlushMillis(long millis) {
    if (millis < 1) {
      throw new IllegalArgumentException("flushMillis=" + millis + ", expected at least 1");
    }
    RecorderOptions changed = new RecorderOptions(this);
    changed.flushMillis = millis;
    return changed;
  }

  /** What becomes of events that find no room; an inline recorder makes room by writing. */
  public RecorderOptions withOnFull(OnFull what) {
    RecorderOptions changed = new RecorderOptions(this);
    changed.onFull = what;
    return changed;
  }

  /** Whether an existing file is replaced; if not, {@link TraceRecorder#open} refuses it. */
  public RecorderOptions withOverwrite(boolean replace) {
    RecorderOptions changed = new RecorderOptions(this);
    changed.overwrite = replace;
    return changed;
  }

  /** How record batches are stored; compressing is the work of whoever writes. */
  public RecorderOptions withCompression(Compression how) {
    RecorderOptions changed = new RecorderOptions(this);
    changed.compression = how;
    return changed;
  }

  /**
   * Ring mode: the newest events are kept in memory, and the file is written when the recorder is
   * closed or {@link TraceRecorder#dump} is called.
   *
   * @param bytes memory for events, at least 1 MiB; 0 = no ring, every event goes to the file
   * @throws IllegalArgumentException if too small
   */
  public RecorderOptions withRing(long bytes) {
    if (bytes != 0 && bytes < SMALLEST_RING) {
      throw new IllegalArgumentException(
          "ring=" + bytes + " bytes, expected at least " + SMALLEST_RING);
    }
    RecorderOptions changed = new RecorderOptions(this);
    changed.ringBytes = bytes;
    return changed;
  }

  /**
   * Whether the return of a call is timed. Without, {@code t_exit} and {@code irql_exit} are null,
   * a call costs one look at the clock instead of two, and nothing can be said of durations.
   */
  public RecorderOptions withExitTimes(boolean recorded) {
    RecorderOptions changed = new RecorderOptions(this);
    changed.exitTimes = recorded;
    return changed;
  }

  /**
   * Who is told, once and in one sentence, if the recording has to stop; unless changed, {@code
   * System.err}. Called on the thread that wrote; what it throws is dropped.
   */
  public RecorderOptions withReporter(Consumer<String> receiver) {
    RecorderOptions changed = new RecorderOptions(this);
    changed.reporter = receiver;
    return changed;
  }

  boolean writesInline() {
    return writesInline;
  }

  /** See {@link #withBufferRows}. */
  public int bufferRows() {
    return bufferRows;
  }

  /** See {@link #withFlushMillis}. */
  public long flushMillis() {
    return flushMillis;
  }

  /** Whether recording waits for room; see {@link #withOnFull}. */
  public boolean blocks() {
    return onFull == OnFull.BLOCK;
  }

  boolean overwrite() {
    return overwrite;
  }

  Compression compression() {
    return compression;
  }

  /** See {@link #withRing}. */
  public long ringBytes() {
    return ringBytes;
  }

  boolean exitTimes() {
    return exitTimes;
  }

  /** See {@link #withReporter}. */
  public Consumer<String> reporter() {
    return reporter;
  }
}
