package dev.kstrace.replay.order;

import dev.kstrace.capture.sim.SplitMix;
import dev.kstrace.replay.Disturbances;
import dev.kstrace.replay.Recording;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.LongIntMap;
import dev.kstrace.traces.Op;
import java.util.ArrayList;
import java.util.List;

/** What is done to the calls of an order, chosen by its seed. Immutable once made. */
public final class Disturbed implements Disturbances {
  private static final int LET_IN = 3;
  private static final int ALLOCATES = 4;
  private static final int INITIALIZES = 5;

  /** Few calls have more places where another thread can get in. */
  private static final int PLACES = 8;

  private final LongIntMap bySeq = new LongIntMap();
  private final Recording recording;
  private final Order order;
  private int failing;
  private int letting;
  private int print;

  private Disturbed(Recording recording, Order order) {
    this.recording = recording;
    this.order = order;
  }

  /**
   * Chooses.
   *
   * @param allocates which allocates fail
   * @param initializes which initializes fail
   * @param letIn whether calls let the next one in
   */
  public static Disturbed of(
      Recording recording, Order order, FailPlan allocates, FailPlan initializes, boolean letIn) {
    Disturbed disturbed = new Disturbed(recording, order);
    if (letIn) {
      disturbed.letIn(SplitMix.of(order.seed(), LET_IN));
    }
    disturbed.fail(Op.ALLOCATE, allocates, SplitMix.of(order.seed(), ALLOCATES));
    disturbed.fail(Op.INITIALIZE, initializes, SplitMix.of(order.seed(), INITIALIZES));
    return disturbed;
  }

  @Override
  public int at(long seq) {
    int what = bySeq.get(seq);
    return what == LongIntMap.ABSENT ? NONE : what;
  }

  /** How many calls fail. */
  public int failing() {
    return failing;
  }

  /** How many calls let the next one in. */
  public int letting() {
    return letting;
  }

  /** Equal where the same is done at the same places; seldom else. */
  public int print() {
    return print;
  }

  /** Half of the seeds disturb one to three calls, which most errors take; the others an eighth. */
  private void letIn(SplitMix random) {
    int count = order.openPlaces();
    int few = random.oneIn(2) ? 1 + random.below(3) : 0;
    for (int place = order.nextOpen(0); place >= 0; ) {
      boolean chosen = few > 0 ? random.below(count) < few : random.oneIn(8);
      if (chosen) {
        put(place, Disturbances.letting(1 + random.below(PLACES)));
        letting++;
      }
      place = order.nextOpen(place + 1);
    }
  }

  private void fail(Op op, FailPlan plan, SplitMix random) {
    if (plan.kind() == FailPlan.Kind.NONE) {
      return;
    }
    List<Integer> places = places(op);
    for (int i = 0; i < places.size(); i++) {
      boolean chosen =
          switch (plan.kind()) {
            case NONE -> false;
            case NTH -> i + 1 == plan.number();
            case EACH_ONCE -> i == Math.floorMod(order.seed() - 1, places.size());
            case CHANCE -> (random.next() >>> 11) * 0x1p-53 < plan.chance();
          };
      if (chosen) {
        // An initialize asks for memory several times, an allocate mostly once.
        put(places.get(i), failing(op == Op.INITIALIZE ? 1 + random.below(3) : 1));
        failing++;
      }
    }
  }

  private List<Integer> places(Op op) {
    EventBatch events = recording.events();
    List<Integer> places = new ArrayList<>();
    for (int place = 0; place < order.size(); place++) {
      int row = order.row(place);
      if (events.op(row) == op.code() && events.layer(row) == Layer.CALLBACK.code()) {
        places.add(place);
      }
    }
    return places;
  }

  private static int failing(int request) {
    return Disturbances.failing(request);
  }

  private void put(int place, int what) {
    bySeq.put(recording.events().seq(place), what);
    print = 31 * (31 * print + place) + what;
  }
}
