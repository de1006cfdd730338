package dev.kstrace.capture.sim;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * When the class driver and the graph manager commit which fault: at a seeded opportunity, or the
 * first after it at which the fault shows alone. Guarded by the scheduler, except {@link
 * #hasPending}.
 */
final class CallerFaults {
  private static final int LATEST_DELETE = 2;
  private static final int LATEST_IN_CIRCUIT = 4;
  private static final int LATEST_PER_FRAME = 64;

  private final Map<Fault, Integer> opportunitiesLeft = new EnumMap<>(Fault.class);
  private final Set<Fault> wanted;
  private final int victim;
  private final boolean coin;
  private volatile boolean pending;

  /**
   * The caller's share of some faults.
   *
   * @param streams how many streams there are to choose a victim from
   */
  CallerFaults(SimOptions options, int streams) {
    wanted = options.faults();
    SplitMix random = SplitMix.of(options.seed(), -1);
    victim = random.below(streams);
    coin = random.oneIn(2);
    for (Fault fault : Fault.values()) {
      int opportunity = SplitMix.of(options.seed(), fault.ordinal()).below(latest(fault, options));
      if (fault.side() == Fault.Side.CALLER && wanted.contains(fault)) {
        opportunitiesLeft.put(fault, opportunity);
      }
    }
    pending = !opportunitiesLeft.isEmpty();
  }

  private static int latest(Fault fault, SimOptions options) {
    if (fault == Fault.USER_MODE_PEER) {
      return 1;
    }
    if (fault == Fault.USE_AFTER_DELETE || fault == Fault.NEVER_DELETE) {
      return LATEST_DELETE;
    }
    boolean circuit = options.profile().shape() == Profile.Shape.CIRCUIT;
    long latest = circuit ? LATEST_IN_CIRCUIT : options.frames() / 4;
    return (int) Math.max(1, Math.min(latest, LATEST_PER_FRAME));
  }

  boolean hasPending() {
    return pending;
  }

  Set<Fault> pending() {
    return opportunitiesLeft.isEmpty()
        ? Collections.emptySet()
        : EnumSet.copyOf(opportunitiesLeft.keySet());
  }

  /**
   * Counts an opportunity; true where the fault is to be committed now, and counts as committed.
   *
   * @param showsAlone whether it would show as this fault and nothing else
   */
  boolean commit(Fault fault, BooleanSupplier showsAlone) {
    Integer left = opportunitiesLeft.get(fault);
    if (left == null) {
      return false;
    }
    if (left > 0) {
      opportunitiesLeft.put(fault, left - 1);
      return false;
    }
    if (!showsAlone.getAsBoolean()) {
      return false;
    }
    opportunitiesLeft.remove(fault);
    pending = !opportunitiesLeft.isEmpty();
    return true;
  }

  /** Puts back a fault that did not come about after all. */
  void retry(Fault fault) {
    opportunitiesLeft.put(fault, 0);
    pending = true;
  }

  /** Whether the pipes of a stream are to use paged memory although nonpaged was preferred. */
  boolean prefersPaged(int stream) {
    return stream == victim && wanted.contains(Fault.PAGED_AT_DISPATCH);
  }

  /** Whether a stream's next pin is to have its peer in user mode. */
  boolean userModePeer(int stream) {
    return stream == victim && commit(Fault.USER_MODE_PEER, () -> true);
  }

  /** Which of two ways to commit a fault is taken. */
  boolean coin() {
    return coin;
  }
}
