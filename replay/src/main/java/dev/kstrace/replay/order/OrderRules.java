package dev.kstrace.replay.order;

import dev.kstrace.replay.Recording;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.LongIntMap;
import dev.kstrace.traces.Op;
import java.util.Arrays;
import java.util.BitSet;

/**
 * What comes before what in every legal order of a recording's events.
 *
 * <p>An event uses up to four things: the address of its frame, its context, its pin and the device
 * as a whole. Events that use a thing alone keep their place among all that use it; those that
 * share it may change places with each other. All events of an address use it alone, so that no
 * generation of it overtakes another. Allocate and free share their context and pin; initialize,
 * delete, pin events and the calls of client layers use theirs alone. Losses, the end of the trace
 * and whatever is not known use the device alone. Immutable.
 */
final class OrderRules {
  /** No thing. */
  private static final int NONE = -1;

  private static final int KINDS = 4;
  private static final int FRAME = 0;
  private static final int CONTEXT = 1;
  private static final int PIN = 2;
  private static final int DEVICE = 3;

  private final Recording recording;
  private final EventBatch events;
  private final int[][] thing = new int[KINDS][];
  private final int[][] needs = new int[KINDS][];
  private final BitSet[] alone = new BitSet[KINDS];
  private final int things;

  OrderRules(Recording recording) {
    this.recording = recording;
    this.events = recording.events();
    for (int kind = 0; kind < KINDS; kind++) {
      thing[kind] = new int[recording.rows()];
      needs[kind] = new int[recording.rows()];
      alone[kind] = new BitSet(recording.rows());
      Arrays.fill(thing[kind], NONE);
    }
    things = new Naming().all();
    count();
  }

  /** Gives things numbers. */
  private final class Naming {
    private final LongIntMap frames = new LongIntMap();
    private final LongIntMap contexts = new LongIntMap();
    private final LongIntMap pins = new LongIntMap();
    private long[] pinOf = new long[16];
    private final BitSet hasPin = new BitSet();
    private int used = 1; // 0 is the device

    int all() {
      for (int row = 0; row < recording.rows(); row++) {
        one(row);
      }
      return used;
    }

    private void one(int row) {
      Op op = Op.of(events.op(row));
      boolean callback = events.layer(row) == Layer.CALLBACK.code();
      boolean shares = callback && (op == Op.ALLOCATE || op == Op.FREE);
      if (events.has(row, EventBatch.FRAME) && events.frame(row) != 0) {
        use(FRAME, row, of(frames, recording.frameStart(row)), true);
      }
      if (events.has(row, EventBatch.CONTEXT)) {
        use(CONTEXT, row, of(contexts, events.context(row)), !shares);
      }
      usePin(row, shares);
      boolean placed =
          callback || op == Op.MARK || thing[CONTEXT][row] != NONE || thing[PIN][row] != NONE;
      use(DEVICE, row, 0, !placed);
    }

    private void usePin(int row, boolean shares) {
      int allocator = recording.allocator(row);
      if (events.has(row, EventBatch.PIN)) {
        use(PIN, row, of(pins, events.pin(row)), !shares);
        if (allocator >= 0 && Op.of(events.op(row)) == Op.INITIALIZE) {
          pinOf = allocator < pinOf.length ? pinOf : Arrays.copyOf(pinOf, 2 * allocator);
          pinOf[allocator] = events.pin(row);
          hasPin.set(allocator);
        }
      } else if (allocator >= 0 && hasPin.get(allocator)) {
        use(PIN, row, of(pins, pinOf[allocator]), !shares);
      }
    }

    private int of(LongIntMap map, long value) {
      int number = map.get(value);
      if (number == LongIntMap.ABSENT) {
        number = used++;
        map.put(value, number);
      }
      return number;
    }

    private void use(int kind, int row, int number, boolean byItself) {
      thing[kind][row] = number;
      alone[kind].set(row, byItself);
    }
  }

  /** An event waits for as many uses of its things as the recording has before it. */
  private void count() {
    State recorded = new State();
    for (int row = 0; row < recording.rows(); row++) {
      for (int kind = 0; kind < KINDS; kind++) {
        if (thing[kind][row] != NONE) {
          needs[kind][row] = recorded.before(kind, row);
        }
      }
      recorded.done(row);
    }
  }

  /** How far an order has come. Not thread-safe. */
  final class State {
    private final int[] uses = new int[things];
    private final int[] usesAlone = new int[things];

    private int before(int kind, int row) {
      int used = thing[kind][row];
      return alone[kind].get(row) ? uses[used] : usesAlone[used];
    }

    /** Whether everything that must come before an event was done. */
    boolean isNext(int row) {
      for (int kind = 0; kind < KINDS; kind++) {
        if (thing[kind][row] != NONE && before(kind, row) != needs[kind][row]) {
          return false;
        }
      }
      return true;
    }

    /** An event was done. */
    void done(int row) {
      for (int kind = 0; kind < KINDS; kind++) {
        int used = thing[kind][row];
        if (used != NONE) {
          uses[used]++;
          usesAlone[used] += alone[kind].get(row) ? 1 : 0;
        }
      }
    }
  }
}
