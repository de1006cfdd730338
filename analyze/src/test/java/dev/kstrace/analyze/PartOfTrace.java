package dev.kstrace.analyze;

import dev.kstrace.analyze.ManyTraces.Found;
import java.util.List;
import java.util.Set;

/** What the verdict on a part of a trace may say, given the verdict on the whole of it. */
final class PartOfTrace {
  /**
   * Rules that name one of several events that do for the same finding, the first that there is:
   * the first failed allocate of an allocator, the first call that met another. Likewise, of three
   * frames that overlap in a row the second is named, and without the first the third.
   */
  private static final Set<String> NAME_THE_FIRST =
      Set.of(
          "allocate-beyond-failure",
          "concurrent-calls",
          "overlapping-frames",
          "unresolved-alloc-id");

  private PartOfTrace() {}

  /** Whether a finding on a part must be one on the whole; that events were lost is new. */
  static boolean claims(Found found) {
    return found.certain() && !found.rule().equals("events-lost");
  }

  /** Whether the whole has a finding. */
  static boolean has(List<Found> whole, Found found) {
    return whole.stream()
        .anyMatch(
            other ->
                other.rule().equals(found.rule())
                    && (other.seq() == found.seq() || NAME_THE_FIRST.contains(found.rule())));
  }
}
