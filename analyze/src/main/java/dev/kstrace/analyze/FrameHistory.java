package dev.kstrace.analyze;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Bounds what a pass remembers of frames that were freed, so that a trace in which no address ever
 * comes back needs no more memory than another.
 *
 * <p>Forgotten are freed frames older than the last {@link #REMEMBERED}, and only where there are
 * twice as many. Without its past, the wrong free of an address cannot be told from another kind of
 * wrong free. Such addresses are noted here, and a second pass that spares them knows. Nothing else
 * is lost but this: an allocate of a forgotten address counts as its first. Not thread-safe.
 */
final class FrameHistory {
  /** Frames, the latest, whose past is always known. */
  static final int REMEMBERED = 1 << 18;

  private final int remembered;
  private final Set<Long> spared;
  private final Set<Long> missed = new TreeSet<>();
  private long records;
  private long forgetAt;
  private boolean forgotten;

  /**
   * A history without frames, in a pass that knows what one before it missed.
   *
   * @param remembered see {@link #REMEMBERED}, to which tests prefer less
   * @param spared addresses whose frames are not forgotten
   */
  FrameHistory(int remembered, Set<Long> spared) {
    this.remembered = remembered;
    this.spared = spared;
    this.forgetAt = 2L * remembered;
  }

  /** A history without frames, as a first pass begins. */
  static FrameHistory empty() {
    return new FrameHistory(REMEMBERED, Set.of());
  }

  /** The same for another pass. */
  FrameHistory again() {
    return new FrameHistory(remembered, spared);
  }

  /** Notes that one more address has a record. */
  void added() {
    records++;
  }

  /** Forgets what is old, if there is too much; slots of frames are then no longer valid. */
  void trim(List<Allocator> allocators, long lastFrameId) {
    if (records < forgetAt) {
      return;
    }
    long before = records;
    records = 0;
    for (Allocator allocator : allocators) {
      records += allocator.forget(lastFrameId - remembered, spared::contains);
    }
    forgotten |= records < before;
    forgetAt = 2 * Math.max(records, remembered);
  }

  /** Notes that a wrong free met an address without a record. */
  void miss(long address) {
    if (forgotten && !spared.contains(address)) {
      missed.add(address);
    }
  }

  /** Addresses that the pass should have spared. */
  Set<Long> missed() {
    return missed;
  }
}
