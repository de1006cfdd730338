package dev.kstrace.capture;

import dev.kstrace.traces.Detail;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bounded ring of events with many producers and one consumer.
 *
 * <p>One compare-and-set on one word claims the slot and {@code seq} together, so the order in the
 * ring is the order of the claims:
 *
 * <pre>
 *   63            22 21           1  0
 *   next position   | losses      | closed
 * </pre>
 *
 * Losses that are not on record yet live in the same word: the first claim that finds room again
 * takes two slots and puts the {@code events_lost} row in front of its own event, exactly where the
 * events are missing. Each slot has a state of its own, which carries the position so that a slot
 * of an earlier lap is never mistaken for a finished one. Producers never wait and never allocate.
 */
final class EventRing {
  /** Answer of {@link #claim}: no room. */
  static final long FULL = -1;

  /** Answer of {@link #claim}: nothing is recorded any more. */
  static final long CLOSED = -2;

  /** Why events are lost where there is no room. */
  static final String FULL_CAUSE = "buffer full";

  /** The call was entered and has not returned; the consumer may take the row as it is. */
  private static final int ENTERED = 1;

  /** The row is complete. */
  private static final int DONE = 2;

  /** The producer adds the return; the consumer waits for {@link #DONE}. */
  private static final int RETURNING = 3;

  /** The consumer took the row without its return. */
  private static final int TAKEN = 0;

  private static final int LOSS_SHIFT = 1;
  private static final int POSITION_SHIFT = 22;
  private static final long CLOSED_BIT = 1;
  private static final long MOST_LOSSES = (1L << (POSITION_SHIFT - LOSS_SHIFT)) - 1;

  private final RingRows rows;
  private final int mask;
  private final AtomicLong word = new AtomicLong();

  /** Losses beyond what the word can count; added to the next {@code events_lost} row. */
  private final AtomicLong spilled = new AtomicLong();

  /** Losses that are on record in {@code events_lost} rows. */
  private final AtomicLong recordedLosses = new AtomicLong();

  /** Those of them whose recording thread took too long. */
  private final AtomicLong stalledLosses = new AtomicLong();

  /** Position of the oldest row that is not consumed; written by the consumer only. */
  private volatile long head;

  /**
   * An empty ring.
   *
   * @param capacity rows, a power of two, at least 4
   */
  EventRing(int capacity) {
    if (capacity < 4 || Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException(
          "bufferRows=" + capacity + ", expected a power of two, at least 4");
    }
    rows = new RingRows(capacity);
    mask = capacity - 1;
  }

  RingRows rows() {
    return rows;
  }

  int capacity() {
    return mask + 1;
  }

  int slot(long position) {
    return (int) position & mask;
  }

  /** The {@code seq} of a position: they start at 1. */
  static long seq(long position) {
    return position + 1;
  }

  /**
   * Claims a slot and the next {@code seq}.
   *
   * @param now time in ns for an {@code events_lost} row, if one is due
   * @param countLoss whether to count the event as lost where there is no room
   * @return the position, {@link #FULL} or {@link #CLOSED}
   */
  long claim(long now, boolean countLoss) {
    while (true) {
      long seen = word.get();
      if ((seen & CLOSED_BIT) != 0) {
        return CLOSED;
      }
      long position = seen >>> POSITION_SHIFT;
      long losses = losses(seen);
      int wanted = losses == 0 ? 1 : 2;
      if (position + wanted - head > capacity()) {
        if (!countLoss || countLoss(seen, losses)) {
          return FULL;
        }
      } else if (word.compareAndSet(seen, (position + wanted) << POSITION_SHIFT)) {
        if (losses == 0) {
          return position;
        }
        recordLoss(position, losses == MOST_LOSSES ? losses + spilled.getAndSet(0) : losses, now);
        return position + 1;
      }
    }
  }

  private boolean countLoss(long seen, long losses) {
    if (losses == MOST_LOSSES) {
      spilled.incrementAndGet();
      return true;
    }
    return word.compareAndSet(seen, seen + (1L << LOSS_SHIFT));
  }

  private void recordLoss(long position, long count, long now) {
    int slot = slot(position);
    rows.begin(slot, Op.EVENTS_LOST.code(), Layer.NONE.code(), now);
    rows.setDetail(slot, loss(count, FULL_CAUSE));
    done(position);
  }

  /** The detail of an {@code events_lost} row, whose losses are on record from now on. */
  private String loss(long count, String cause) {
    recordedLosses.addAndGet(count);
    return Detail.builder().put("count", count).put("cause", cause).build().toJson();
  }

  /** Publishes a complete row. */
  void done(long position) {
    rows.setState(slot(position), position << 2 | DONE);
  }

  /** Publishes a row whose call is about to be made. */
  void entered(long position) {
    rows.setState(slot(position), position << 2 | ENTERED);
  }

  /** Whether the producer may still add the return to a row; it has to call {@link #done} then. */
  boolean beginReturn(long position) {
    return rows.changeState(slot(position), position << 2 | ENTERED, position << 2 | RETURNING);
  }

  /** Consumer: whether a row is complete. */
  boolean isDone(long position) {
    return rows.state(slot(position)) == (position << 2 | DONE);
  }

  /** Consumer: takes a row whose call has not returned; false where it is in another state. */
  boolean takeEntered(long position) {
    return rows.changeState(slot(position), position << 2 | ENTERED, position << 2 | TAKEN);
  }

  /** Consumer: hands all slots before a position back to the producers. */
  void release(long position) {
    head = position;
  }

  long head() {
    return head;
  }

  /** Position after the newest claim. */
  long tail() {
    return word.get() >>> POSITION_SHIFT;
  }

  /** Lets no further claim succeed; whether this call was the one that closed the ring. */
  boolean close() {
    return (word.getAndAccumulate(CLOSED_BIT, (seen, bit) -> seen | bit) & CLOSED_BIT) == 0;
  }

  /** Losses that no row accounts for yet; final once the ring is closed. */
  long openLosses() {
    return losses(word.get()) + spilled.get();
  }

  /** Adds a row for the losses that none accounts for yet, if there are any; the ring is closed. */
  void addOpenLosses(EventBatch batch, long now) {
    long seen = word.getAndUpdate(open -> open & ~(MOST_LOSSES << LOSS_SHIFT));
    long count = losses(seen) + spilled.getAndSet(0);
    if (count > 0) {
      addLoss(batch, tail(), count, FULL_CAUSE, now);
    }
  }

  /** Losses that rows of the trace account for. */
  long recordedLosses() {
    return recordedLosses.get();
  }

  /** Those of {@link #recordedLosses} whose recording thread claimed a row and never filled it. */
  long stalledLosses() {
    return stalledLosses.get();
  }

  /** Adds a row in place of one that its recording thread never filled. */
  void addStalled(EventBatch batch, long position, long now) {
    stalledLosses.incrementAndGet();
    addLoss(batch, position, 1, "producer stalled", now);
  }

  private void addLoss(EventBatch batch, long position, long count, String cause, long now) {
    batch.add(
        TraceEvent.of(seq(position), Op.EVENTS_LOST, Layer.NONE, now)
            .detail(loss(count, cause))
            .build());
  }

  private static long losses(long seen) {
    return (seen >>> LOSS_SHIFT) & MOST_LOSSES;
  }
}
