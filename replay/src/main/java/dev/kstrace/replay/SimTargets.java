package dev.kstrace.replay;

import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.IrqlControl;
import dev.kstrace.capture.sim.Profile;
import dev.kstrace.capture.sim.SimAllocators;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes targets of the simulated device's allocators. */
final class SimTargets {
  private SimTargets() {}

  /**
   * A target that drives a simulated allocator.
   *
   * @param spec what the user wrote, for messages and as the target's name
   * @param id {@code default}, {@code slab}, {@code reactos}, or a profile and the faults that its
   *     allocator commits, joined by {@code +}
   * @param seed decides when a profile's allocator is out of memory and when it commits its faults
   * @throws IllegalArgumentException if there is no such allocator; the message lists those there
   *     are
   */
  static ReplayTarget make(String spec, String id, long seed) {
    IrqlControl irql = IrqlControl.create();
    if (SimAllocators.ids().contains(id)) {
      return new SimTarget(spec, SimAllocators.byId(id), irql);
    }
    String[] parts = id.split("\\+", -1);
    Profile profile = profile(spec, parts[0]);
    Set<Fault> faults = EnumSet.noneOf(Fault.class);
    for (int i = 1; i < parts.length; i++) {
      faults.add(fault(spec, parts[i]));
    }
    try {
      return new SimTarget(spec, SimAllocators.create(profile, faults, seed, irql), irql);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("cannot use target " + spec + ": " + e.getMessage(), e);
    }
  }

  private static Profile profile(String spec, String id) {
    for (Profile profile : Profile.values()) {
      if (profile.id().equals(id)) {
        return profile;
      }
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "cannot use target %s: no simulated allocator %s, expected one of %s,%s",
            spec,
            id,
            String.join(",", SimAllocators.ids()),
            Arrays.stream(Profile.values()).map(Profile::id).collect(Collectors.joining(","))));
  }

  private static Fault fault(String spec, String id) {
    Set<Fault> possible = EnumSet.noneOf(Fault.class);
    for (Fault fault : Fault.values()) {
      if (fault.side() == Fault.Side.ALLOCATOR) {
        if (fault.id().equals(id)) {
          return fault;
        }
        possible.add(fault);
      }
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "cannot use target %s: no allocator has the fault %s, expected some of %s",
            spec,
            id,
            Fault.ids(possible)));
  }
}
