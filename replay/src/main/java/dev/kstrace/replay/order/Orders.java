package dev.kstrace.replay.order;

import dev.kstrace.capture.sim.SplitMix;
import dev.kstrace.replay.Recording;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.LongIntMap;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Makes legal orders of a recording's events: each thread does what it did, in its order, nothing
 * overtakes what it depends on ({@code OrderRules}), and no allocator has more frames out than its
 * framing says, or the recording has ({@code FrameRoom}). The same seed gives the same order.
 * Immutable.
 */
public final class Orders {
  private static final int WAY = 1;
  private static final int CHOICE = 2;
  private static final long NO_THREAD = 1L << 32;

  private final Recording recording;
  private final OrderRules rules;
  private final int[][] threads;

  /** A row's place among the events of its allocator that change how many frames are out. */
  private final int[] roomPlace;

  private final int[][] changes;
  private final int[] limit;

  /** The orders of a recording. */
  public Orders(Recording recording) {
    this.recording = recording;
    this.rules = new OrderRules(recording);
    this.threads = threads(recording);
    this.roomPlace = new int[recording.rows()];
    int allocators = 0;
    for (int row = 0; row < recording.rows(); row++) {
      allocators = Math.max(allocators, recording.allocator(row) + 1);
    }
    this.changes = new int[allocators][];
    this.limit = new int[allocators];
    countFrames();
  }

  private static int[][] threads(Recording recording) {
    EventBatch events = recording.events();
    LongIntMap numbers = new LongIntMap();
    int[] lengths = new int[8];
    int[] of = new int[recording.rows()];
    int count = 0;
    for (int row = 0; row < of.length; row++) {
      boolean known = events.has(row, EventBatch.THREAD);
      long id = known ? Integer.toUnsignedLong(events.thread(row)) : NO_THREAD;
      int number = numbers.get(id);
      if (number == LongIntMap.ABSENT) {
        number = count++;
        numbers.put(id, number);
        lengths = number < lengths.length ? lengths : Arrays.copyOf(lengths, 2 * number);
      }
      of[row] = number;
      lengths[number]++;
    }
    int[][] threads = new int[count][];
    int[] filled = new int[count];
    for (int i = 0; i < count; i++) {
      threads[i] = new int[lengths[i]];
    }
    for (int row = 0; row < of.length; row++) {
      threads[of[row]][filled[of[row]]++] = row;
    }
    return threads;
  }

  private void countFrames() {
    int[] counts = new int[changes.length];
    int[] out = new int[changes.length];
    for (int row = 0; row < roomPlace.length; row++) {
      int change = recording.framesOut(row);
      int allocator = recording.allocator(row);
      if (change != 0 && allocator >= 0) {
        roomPlace[row] = counts[allocator]++;
        out[allocator] += change;
        limit[allocator] = Math.max(limit[allocator], out[allocator]);
      }
    }
    for (int allocator = 0; allocator < changes.length; allocator++) {
      changes[allocator] = new int[counts[allocator]];
      long frames = recording.frameLimit(allocator);
      limit[allocator] = (int) Math.min(Integer.MAX_VALUE, Math.max(frames, limit[allocator]));
    }
    for (int row = 0; row < roomPlace.length; row++) {
      int change = recording.framesOut(row);
      if (change != 0 && recording.allocator(row) >= 0) {
        changes[recording.allocator(row)][roomPlace[row]] = change;
      }
    }
  }

  /** Whether there is but one thread, so that every order is the recorded one. */
  public boolean isOne() {
    return threads.length < 2;
  }

  /** The order of the recording. */
  public Order recorded() {
    return new Walk(0, Order.Way.RECORDED, null).order();
  }

  /** The order of a seed; every number is one. */
  public Order of(long seed) {
    Order.Way way = SplitMix.of(seed, WAY).below(2) == 0 ? Order.Way.UNIFORM : Order.Way.PRIORITY;
    SplitMix random = SplitMix.of(seed, CHOICE);
    Choice choice =
        way == Order.Way.UNIFORM
            ? Choice.uniform(random)
            : Choice.priority(random, threads.length, Math.max(1, recording.rows()));
    return new Walk(seed, way, choice).order();
  }

  /** Goes from the first event to the last. */
  private final class Walk {
    private final long seed;
    private final Order.Way way;
    private final @Nullable Choice choice;
    private final OrderRules.State state = rules.new State();
    private final @Nullable FrameRoom[] rooms = new @Nullable FrameRoom[changes.length];
    private final int[] done = new int[threads.length];
    private final int[] ready = new int[threads.length];
    private final boolean[] was = new boolean[threads.length];
    private final BitSet open = new BitSet();
    private final BitSet beyond = new BitSet();
    private int lastThread = -1;

    Walk(long seed, Order.Way way, @Nullable Choice choice) {
      this.seed = seed;
      this.way = way;
      this.choice = choice;
    }

    Order order() {
      int[] rows = new int[recording.rows()];
      for (int place = 0; place < rows.length; place++) {
        int thread = next(place);
        int row = threads[thread][done[thread]];
        if (place > 0 && canLetIn(rows[place - 1], thread, row)) {
          open.set(place - 1);
        }
        look();
        lastThread = thread;
        done[thread]++;
        rows[place] = row;
        did(place, row);
      }
      return new Order(seed, way, rows, open, beyond);
    }

    /** Remembers which threads could go on before the event that is about to be done. */
    private void look() {
      Arrays.fill(was, false);
      for (int i = 0; i < readyCount; i++) {
        was[ready[i]] = true;
      }
    }

    private int readyCount;

    private int next(int place) {
      readyCount = 0;
      int first = -1;
      for (int thread = 0; thread < threads.length; thread++) {
        if (done[thread] < threads[thread].length) {
          int row = threads[thread][done[thread]];
          if (state.isNext(row) && hasRoom(row)) {
            ready[readyCount++] = thread;
            first = first < 0 || row < threads[first][done[first]] ? thread : first;
          }
        }
      }
      if (first < 0) {
        throw new IllegalStateException(
            String.format(Locale.ROOT, "no event can come next, place=%d, seed=%d", place, seed));
      }
      return choice == null ? first : choice.next(place, ready, readyCount);
    }

    private boolean canLetIn(int before, int thread, int row) {
      return thread != lastThread
          && was[thread]
          && recording.canLetIn(before)
          && recording.canLetIn(row);
    }

    private boolean hasRoom(int row) {
      int allocator = recording.allocator(row);
      if (allocator < 0 || recording.framesOut(row) <= 0) {
        return true;
      }
      return room(allocator).allows(roomPlace[row]);
    }

    private FrameRoom room(int allocator) {
      FrameRoom room = rooms[allocator];
      if (room == null) {
        room = new FrameRoom(changes[allocator], limit[allocator]);
        rooms[allocator] = room;
      }
      return room;
    }

    private void did(int place, int row) {
      state.done(row);
      int allocator = recording.allocator(row);
      int change = recording.framesOut(row);
      if (allocator >= 0 && change != 0) {
        FrameRoom room = room(allocator);
        long frames = recording.frameLimit(allocator);
        if (change > 0 && frames != 0 && room.out() >= frames) {
          beyond.set(place);
        }
        room.done(roomPlace[row], change);
      }
    }
  }
}
