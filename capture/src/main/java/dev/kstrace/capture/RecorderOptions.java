package dev.kstrace.capture;

import dev.kstrace.traces.TraceWriter;

/**
 * How a recorder buffers and writes. Immutable; start with {@link #background} or {@link #inline}.
 *
 * @param writesInline whether recording threads write full batches themselves; else a daemon thread does
 * @param ringRows events buffered at most, a power of two
 * @param flushMillis age in ms at which buffered events are written even if few, and at which a
 *     free or delete that has not returned is written without its return; background only
 * @param waitWhenFull whether a recording thread waits for room where the ring is full, rather than
 *     dropping the event; for hosts that are tests, never for a driver
 * @param overwrite whether an existing file is replaced
 */
public record RecorderOptions(
    boolean writesInline, int ringRows, long flushMillis, boolean waitWhenFull, boolean overwrite) {

  private static final int DEFAULT_RING_ROWS = 4 * TraceWriter.BATCH_ROWS;

  /** Checks the values. */
  public RecorderOptions {
    if (ringRows < 4 || Integer.bitCount(ringRows) != 1) {
      throw new IllegalArgumentException(
          "ringRows=" + ringRows + ", expected a power of two, at least 4");
    }
    if (flushMillis < 1) {
      throw new IllegalArgumentException("flushMillis=" + flushMillis + ", expected at least 1");
    }
  }

  /** A daemon thread writes; recording threads never touch the file. 65,536 rows, 200 ms. */
  public static RecorderOptions background() {
    return new RecorderOptions(false, DEFAULT_RING_ROWS, 200, false, false);
  }

  /** Recording threads write; no thread, no wall clock, so equal calls give equal bytes. */
  public static RecorderOptions inline() {
    return new RecorderOptions(true, DEFAULT_RING_ROWS, 200, false, false);
  }

  /** These options with another size of the ring, a power of two. */
  public RecorderOptions withRingRows(int rows) {
    return new RecorderOptions(writesInline, rows, flushMillis, waitWhenFull, overwrite);
  }

  /** These options with another flush age in ms. */
  public RecorderOptions withFlushMillis(long millis) {
    return new RecorderOptions(writesInline, ringRows, millis, waitWhenFull, overwrite);
  }

  /** These options with waiting instead of dropping. */
  public RecorderOptions withWaitWhenFull(boolean wait) {
    return new RecorderOptions(writesInline, ringRows, flushMillis, wait, overwrite);
  }

  /** These options with an existing file replaced. */
  public RecorderOptions withOverwrite(boolean replace) {
    return new RecorderOptions(writesInline, ringRows, flushMillis, waitWhenFull, replace);
  }
}
