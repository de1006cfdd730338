package dev.kstrace.capture.imports;

import dev.kstrace.traces.EventBatch;
import java.io.IOException;

/**
 * Brings events that arrive almost in the order of their {@code Seq} into that order.
 *
 * <p>Events come merged by time; between the moment in which a call takes its Seq and the one in
 * which its event gets its time stamp a thread may be preempted. An event leaves as soon as its
 * predecessor has; the window only fills where numbers are missing, and then the smallest leaves.
 * Events without a Seq (marks) stand behind the highest Seq that came before them. An event that
 * comes later than the window is long leaves at once, out of order, and is counted. A heap over
 * rows that are used again; no allocation per event. Not thread-safe.
 */
final class SeqWindow {
  /** Takes rows in order. */
  interface Sink {
    /**
     * Takes a row.
     *
     * @param numbered whether the row's seq is a Seq of the probe, not that of a mark
     */
    void row(EventBatch rows, int row, boolean numbered) throws IOException;
  }

  private final Sink sink;
  private final EventBatch rows;
  private final boolean[] numbered;
  private final long[] arrival;
  private final int[] heap;
  private final int[] free;
  private int size;
  private int freeRows;
  private long arrivals;
  private boolean started;
  private long next = 1;
  private long highest;
  private long late;

  /**
   * An empty window.
   *
   * @param capacity events it holds at most, at least 2
   */
  SeqWindow(int capacity, Sink sink) {
    this.sink = sink;
    rows = new EventBatch(capacity);
    numbered = new boolean[capacity];
    arrival = new long[capacity];
    heap = new int[capacity];
    free = new int[capacity];
    restart();
    for (int row = capacity - 1; row >= 0; row--) {
      free[freeRows++] = row;
    }
  }

  /** Where claimed rows are filled in. */
  EventBatch rows() {
    return rows;
  }

  /** The highest Seq that has arrived since the last restart; 0 before the first. */
  long highest() {
    return highest;
  }

  /** Events that came too late to be put in order. */
  long late() {
    return late;
  }

  /** A row to fill in; {@link #put} or {@link #putMark} must follow. */
  int claim() throws IOException {
    if (freeRows == 0) {
      leave();
      drain();
    }
    return free[--freeRows];
  }

  /** Puts in a filled row whose seq is the probe's Seq. */
  void put(int row) throws IOException {
    long seq = rows.seq(row);
    if (Long.compareUnsigned(seq, highest) > 0) {
      highest = seq;
    }
    insert(row, true);
  }

  /** Puts in a filled row without a Seq. */
  void putMark(int row) throws IOException {
    rows.setSeq(row, highest);
    insert(row, false);
  }

  /** Begins again with any Seq, for another loading of the driver; call {@link #flush} before. */
  void restart() {
    started = false;
    next = 1;
    highest = 0;
  }

  /** Lets everything out. */
  void flush() throws IOException {
    while (size > 0) {
      leave();
    }
  }

  private void insert(int row, boolean isNumbered) throws IOException {
    numbered[row] = isNumbered;
    arrival[row] = arrivals++;
    int at = size++;
    while (at > 0 && before(row, heap[(at - 1) >>> 1])) {
      heap[at] = heap[(at - 1) >>> 1];
      at = (at - 1) >>> 1;
    }
    heap[at] = row;
    drain();
  }

  /** Lets out what cannot be preceded by anything any more. */
  private void drain() throws IOException {
    while (size > 0 && isDue(heap[0])) {
      leave();
    }
  }

  private boolean isDue(int row) {
    int order = Long.compareUnsigned(rows.seq(row), next);
    return numbered[row] ? order == 0 || (started && order < 0) : order < 0;
  }

  private void leave() throws IOException {
    int row = heap[0];
    int last = heap[--size];
    int at = 0;
    for (int child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && before(heap[child + 1], heap[child])) {
        child++;
      }
      if (!before(heap[child], last)) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    free[freeRows++] = row;
    if (numbered[row]) {
      long seq = rows.seq(row);
      if (started && Long.compareUnsigned(seq, next) < 0) {
        late++;
      } else {
        next = seq + 1;
        started = true;
      }
    }
    sink.row(rows, row, numbered[row]);
  }

  private boolean before(int a, int b) {
    int order = Long.compareUnsigned(rows.seq(a), rows.seq(b));
    if (order == 0) {
      order = Boolean.compare(numbered[b], numbered[a]);
    }
    return order < 0 || (order == 0 && arrival[a] < arrival[b]);
  }
}
