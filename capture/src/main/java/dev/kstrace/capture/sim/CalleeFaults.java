package dev.kstrace.capture.sim;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * When an allocator commits which fault: from a seeded call count on, at the first call that can
 * show it. Depends on nothing but the calls, so a replay commits it again. Not thread-safe.
 */
final class CalleeFaults {
  /** Calls within which a fault becomes due: every run makes more, and a small trace shows it. */
  private static final int EARLY_CALLS = 4;

  private final Map<Fault, Long> dueFrom = new EnumMap<>(Fault.class);

  CalleeFaults(Set<Fault> faults, long seed) {
    for (Fault fault : faults) {
      if (fault.side() != Fault.Side.ALLOCATOR) {
        throw new IllegalArgumentException(
            "fault=" + fault.id() + " is the caller's, expected one of the allocator's");
      }
      SplitMix random = SplitMix.of(seed, fault.ordinal());
      int calls = fault == Fault.INITIALIZE_PENDING ? 2 : EARLY_CALLS;
      dueFrom.put(fault, random.between(1, calls));
    }
  }

  /** Whether a fault is to be committed at the n-th call of its kind, counted from 1. */
  boolean isDue(Fault fault, long call) {
    Long from = dueFrom.get(fault);
    return from != null && call >= from;
  }

  /** Notes that a fault was committed. */
  void committed(Fault fault) {
    dueFrom.remove(fault);
  }

  boolean hasPending() {
    return !dueFrom.isEmpty();
  }

  Set<Fault> pending() {
    return dueFrom.isEmpty()
        ? Collections.emptySet()
        : Collections.unmodifiableSet(EnumSet.copyOf(dueFrom.keySet()));
  }
}
