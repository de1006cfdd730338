package dev.kstrace.analyze.report;

import java.util.Arrays;

/**
 * The frames that one slot held, one after the other, in a limited room: exact as long as they fit,
 * then those that begin in the same stretch of time are one. Not thread-safe.
 */
public final class Spans {
  /** Of a thread that is not known, or of several. */
  public static final long NO_THREAD = -1;

  private static final int SMALLEST = 8;
  private static final int START = 0;
  private static final int END = 1;
  private static final int FRAMES = 2;
  private static final int BUSY = 3;
  private static final int SEQ = 4;
  private static final int THREAD = 5;
  private static final int FREE_THREAD = 6;
  private static final int FLAGGED = 7;
  private static final int RECORD = 8;

  private final int most;
  private int shift;
  private int size;
  private long[] data = new long[0];

  /**
   * No frames.
   *
   * @param most how many it may hold, at least 2; 0 = none will be added
   */
  Spans(int most) {
    this.most = most;
  }

  /** How many it may hold. */
  int room() {
    return most;
  }

  /**
   * Takes a frame; times are in ns since the begin of the trace, not negative.
   *
   * @param end not before {@code start}; {@code Long.MAX_VALUE} = never
   * @param flagged whether a finding is about it
   */
  void add(long start, long end, long seq, long thread, long freeThread, boolean flagged) {
    long busy = end == Long.MAX_VALUE ? 0 : end - start;
    if (shift > 0 && size > 0 && start >>> shift == get(size - 1, START) >>> shift) {
      merge(size - 1, end, 1, busy, thread, freeThread, flagged ? 1 : 0);
      return;
    }
    if (size == most) {
      coarsen(most / 2);
      add(start, end, seq, thread, freeThread, flagged);
      return;
    }
    if (size * RECORD == data.length) {
      data = Arrays.copyOf(data, Math.max(SMALLEST * RECORD, 2 * data.length));
    }
    int at = size++ * RECORD;
    data[at + START] = start;
    data[at + END] = end;
    data[at + FRAMES] = 1;
    data[at + BUSY] = busy;
    data[at + SEQ] = seq;
    data[at + THREAD] = thread;
    data[at + FREE_THREAD] = freeThread;
    data[at + FLAGGED] = flagged ? 1 : 0;
  }

  private void merge(
      int i, long end, long frames, long busy, long thread, long freeThread, long flagged) {
    int at = i * RECORD;
    data[at + END] = Math.max(data[at + END], end);
    data[at + FRAMES] += frames;
    data[at + BUSY] += busy;
    data[at + THREAD] = data[at + THREAD] == thread ? thread : NO_THREAD;
    data[at + FREE_THREAD] = data[at + FREE_THREAD] == freeThread ? freeThread : NO_THREAD;
    data[at + FLAGGED] |= flagged;
  }

  /** Doubles the stretches until at most so many, at least 1, are left. */
  void coarsen(int spans) {
    while (size > spans) {
      shift++;
      int old = size;
      size = 0;
      for (int i = 0; i < old; i++) {
        if (size > 0 && get(size - 1, START) >>> shift == get(i, START) >>> shift) {
          merge(
              size - 1,
              get(i, END),
              get(i, FRAMES),
              get(i, BUSY),
              get(i, THREAD),
              get(i, FREE_THREAD),
              get(i, FLAGGED));
        } else {
          System.arraycopy(data, i * RECORD, data, size++ * RECORD, RECORD);
        }
      }
      if (shift == Long.SIZE - 1) {
        return; // the times go back and forth, so that no stretch is long enough
      }
    }
  }

  private long get(int i, int field) {
    return data[i * RECORD + field];
  }

  /** How many there are. */
  public int size() {
    return size;
  }

  /** Length of the stretches, ns, a power of two; 1 = every frame is there. */
  public long widthNs() {
    return 1L << shift;
  }

  /** Begin of the first frame, ns since the begin of the trace. */
  public long start(int i) {
    return get(i, START);
  }

  /** End of the last frame, ns; {@code Long.MAX_VALUE} = it was never freed. */
  public long end(int i) {
    return get(i, END);
  }

  /** How many frames they are. */
  public long frames(int i) {
    return get(i, FRAMES);
  }

  /** How long the slot was in use, ns, without frames that were never freed. */
  public long busyNs(int i) {
    return get(i, BUSY);
  }

  /** Allocate of the first frame. */
  public long seq(int i) {
    return get(i, SEQ);
  }

  /** Thread of the allocates; {@link #NO_THREAD} = not known, or several. */
  public long thread(int i) {
    return get(i, THREAD);
  }

  /** Thread of the frees; {@link #NO_THREAD} = not known, or several. */
  public long freeThread(int i) {
    return get(i, FREE_THREAD);
  }

  /** Whether a finding is about one of the frames. */
  public boolean isFlagged(int i) {
    return get(i, FLAGGED) != 0;
  }
}
