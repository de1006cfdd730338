package dev.kstrace.capture.sim;

import java.util.List;
import java.util.Set;

/** The allocators of the simulated device on their own: targets for a replay. */
public final class SimAllocators {
  private static final List<String> IDS = List.of("default", "slab", "reactos");

  private SimAllocators() {}

  /**
   * The allocator that a device of this profile uses. Called as the device called it, it answers as
   * it did there, the same NULLs and failures included.
   *
   * @param faults faults of {@link Fault.Side#ALLOCATOR} to commit; none = the repaired allocator
   * @param seed the seed of the recording, {@code kstrace.seed}
   * @param irql what a raised IRQL is raised on
   * @throws IllegalArgumentException if a fault is the caller's or cannot show on this profile
   */
  public static SimAllocator create(
      Profile profile, Set<Fault> faults, long seed, IrqlControl irql) {
    Fault.requireFits(profile, faults);
    return new MiniAllocator(!profile.isSystemMemory(), true, faults, seed, irql);
  }

  /** As {@link #create(Profile, Set, long, IrqlControl)}, with an IRQL that nobody else sees. */
  public static SimAllocator create(Profile profile, Set<Fault> faults, long seed) {
    return create(profile, faults, seed, IrqlControl.create());
  }

  /**
   * An allocator without faults that never runs out of memory.
   *
   * @param id {@code default} (pool), {@code slab} (common buffers) or {@code reactos} (trusts its
   *     callers)
   * @throws IllegalArgumentException if there is no such allocator
   */
  public static SimAllocator byId(String id) {
    return switch (id) {
      case "default" -> new MiniAllocator(false, false, Set.of(), 0, IrqlControl.create());
      case "slab" -> new MiniAllocator(true, false, Set.of(), 0, IrqlControl.create());
      case "reactos" -> new ReactosAllocator();
      default ->
          throw new IllegalArgumentException(
              "unknown allocator=" + id + ", expected one of " + String.join(",", IDS));
    };
  }

  /** The ids that {@link #byId} takes. */
  public static List<String> ids() {
    return IDS;
  }
}
