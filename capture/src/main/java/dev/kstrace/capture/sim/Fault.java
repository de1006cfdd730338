package dev.kstrace.capture.sim;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A fault that the simulated device can show, once in a run. What real systems make of each stands
 * in the bug check pages (debugger/bug-check-0xc2, -0xc4).
 */
public enum Fault {
  /** One frame is never freed. */
  SKIP_FREE(
      Side.CALLER, "skips one free", p -> true, "frame-leak", "frames-outstanding-at-delete"),
  /** One frame is freed twice. */
  DOUBLE_FREE(Side.CALLER, "frees one frame twice", p -> true, "double-free"),
  /** One frame is freed through the context of another allocator. */
  FREE_FOREIGN(
      Side.CALLER,
      "frees one frame through another allocator's context",
      p -> true,
      "free-through-wrong-allocator"),
  /** An address inside a live frame is freed. */
  FREE_INTERIOR(
      Side.CALLER,
      "frees an address 64 bytes into a live frame",
      p -> p.frameSize() > 64,
      "interior-free"),
  /** An address is freed that no allocator ever returned. */
  FREE_RANDOM(
      Side.CALLER,
      "frees an address that no allocator returned",
      p -> true,
      "free-of-unknown-frame"),
  /** One frame is smaller than the framing says. */
  ALLOCATE_SHORT(
      Side.ALLOCATOR,
      "returns one frame with half the bytes",
      p -> p.frameSize() > 0,
      "frame-smaller-than-framing"),
  /** One frame is not aligned as the framing says. */
  MISALIGN(
      Side.ALLOCATOR,
      "returns one frame off its alignment",
      p -> p.fileAlignment() > 0,
      "frame-misaligned"),
  /** One allocate returns a frame that is still out. */
  RETURN_LIVE_ADDRESS(
      Side.ALLOCATOR,
      "returns a frame that is still out",
      p -> p.frames() > 1,
      "duplicate-live-address"),
  /** One frame begins inside another. */
  OVERLAP_SLOTS(
      Side.ALLOCATOR,
      "returns a frame that begins inside another",
      p -> p.frames() > 1,
      "overlapping-frames"),
  /** Paged memory is allocated or freed at DISPATCH_LEVEL. */
  PAGED_AT_DISPATCH(
      Side.CALLER,
      "makes one call of a paged-pool allocator at DISPATCH_LEVEL",
      Profile::isSystemMemory,
      "paged-pool-at-high-irql"),
  /** One allocate returns at a higher IRQL than it was called at. */
  RETURN_AT_RAISED_IRQL(
      Side.ALLOCATOR, "returns one allocate at a raised IRQL", p -> true, "irql-not-restored"),
  /** A context is used after its allocator was deleted. */
  USE_AFTER_DELETE(
      Side.CALLER, "uses one context after its delete", p -> true, "use-after-delete"),
  /** One allocator is never deleted. */
  NEVER_DELETE(Side.CALLER, "does not delete one allocator", p -> true, "allocator-not-deleted"),
  /** One initialize answers STATUS_PENDING. */
  INITIALIZE_PENDING(
      Side.ALLOCATOR,
      "answers one initialize with STATUS_PENDING",
      p -> true,
      "illegal-initialize-status"),
  /** One frame more than the framing's Frames is out at once. */
  EXCEED_FRAMES(
      Side.CALLER,
      "allocates one frame more than Frames",
      p -> p.frames() > 0,
      "outstanding-exceeds-frames"),
  /** One frame stays out from the middle of streaming on, as by a leaked clone. */
  NEVER_RETURN_FRAME(
      Side.CALLER,
      "holds one frame for ever, as a leaked clone does",
      p -> true,
      "frame-leak",
      "frames-outstanding-at-delete"),
  /** A kernel allocator is opened although the peer is in user mode. */
  USER_MODE_PEER(
      Side.CALLER,
      "opens an allocator although the pin's peer is in user mode",
      p -> true,
      "kernel-allocator-on-user-connection");

  /** Who commits a fault. */
  public enum Side {
    /** The allocator, so a replay against the same allocator shows it again. */
    ALLOCATOR,
    /** Its caller, so the recorded calls themselves are wrong. */
    CALLER
  }

  private final String id;
  private final Side side;
  private final String description;
  private final List<String> rules;
  private final Predicate<Profile> fits;

  Fault(Side side, String description, Predicate<Profile> fits, String... rules) {
    this.id = name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    this.side = side;
    this.description = description;
    this.rules = List.of(rules);
    this.fits = fits;
  }

  /** The name on the command line, such as {@code skip-free}. */
  public String id() {
    return id;
  }

  /** Who commits it. */
  public Side side() {
    return side;
  }

  /** What the one who commits it does, in a few words without a subject. */
  public String description() {
    return description;
  }

  /** The rules of severity error or warning that report it, each with exactly one finding. */
  public List<String> rules() {
    return rules;
  }

  /** Whether a device of this profile can show it. */
  public boolean fits(Profile profile) {
    return fits.test(profile);
  }

  /**
   * The fault of an id.
   *
   * @throws IllegalArgumentException if there is none; the message lists those there are
   */
  public static Fault ofId(String id) {
    for (Fault fault : values()) {
      if (fault.id.equals(id)) {
        return fault;
      }
    }
    throw new IllegalArgumentException(
        "unknown fault=" + id + ", expected one of " + ids(Arrays.asList(values())));
  }

  /** Ids in the order of this list, joined by commas. */
  public static String ids(Iterable<Fault> faults) {
    java.util.EnumSet<Fault> ordered = java.util.EnumSet.noneOf(Fault.class);
    faults.forEach(ordered::add);
    return ordered.stream().map(Fault::id).collect(Collectors.joining(","));
  }

  /**
   * Refuses faults that a profile cannot show.
   *
   * @throws IllegalArgumentException naming the fault, what fits the profile, and which profiles fit
   */
  static void requireFits(Profile profile, Set<Fault> faults) {
    for (Fault fault : faults) {
      if (!fault.fits(profile)) {
        throw new IllegalArgumentException(
            "fault=" + fault.id + " cannot show on profile=" + profile.id()
                + ", expected one of the profiles " + profilesFor(fault)
                + " or one of the faults "
                + ids(Arrays.stream(values()).filter(f -> f.fits(profile)).toList()));
      }
    }
  }

  private static String profilesFor(Fault fault) {
    return Arrays.stream(Profile.values())
        .filter(fault::fits)
        .map(Profile::id)
        .collect(Collectors.joining(","));
  }
}
