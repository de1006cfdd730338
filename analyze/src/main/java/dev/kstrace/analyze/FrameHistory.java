package dev.kstrace.analyze;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what a pass remembers of frames that were freed, so that a trace in which no address ever
 * comes back needs no more memory than another.
 *
 * <p>Forgotten are freed frames older than the last {@link #REMEMBERED}, and only where there are
 * twice as many. Without its past, the wrong free of an address cannot be told from another kind of
 * wrong free. An address that may be such a one is noted here, and a second pass that spares it
 * knows. Nothing else is lost but this: an allocate of a forgotten address counts as its first. Not
 * thread-safe.
 */
final class FrameHistory {
  /** Frames, the latest, whose past is always known. */
  static final int REMEMBERED = 1 << 18;

  /** For each frame that is remembered, bits to keep a trace of those that are not. */
  private static final int FORGOTTEN_BITS = 1 << 10;

  private final int remembered;
  private final Set<Long> spared;
  private final Set<Long> missed = new TreeSet<>();
  private long lastFrameId;
  private long records;
  private long forgetAt;
  private @Nullable AddressFilter forgotten;

  /** Allocators, the first so many of a trace, that have records or may still get some. */
  private final List<Allocator> holders = new ArrayList<>();

  private int allocatorsSeen;

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

  /** The number of a frame that begins. */
  long nextFrameId() {
    return ++lastFrameId;
  }

  /** Notes that one more address has a record. */
  void added() {
    records++;
  }

  /** Forgets what is old, if there is too much; slots of frames are then no longer valid. */
  void trim(List<Allocator> allocators) {
    if (records < forgetAt) {
      return;
    }
    if (forgotten == null) {
      forgotten = new AddressFilter(remembered * FORGOTTEN_BITS);
    }
    AddressFilter filter = forgotten;
    holders.addAll(allocators.subList(allocatorsSeen, allocators.size()));
    allocatorsSeen = allocators.size();
    records = 0;
    LongPredicate stays = spared.isEmpty() ? address -> false : spared::contains;
    holders.removeIf(allocator -> forget(allocator, stays, filter));
    forgetAt = 2 * Math.max(records, remembered);
  }

  /** Forgets what is old of an allocator; whether it has no record and never will. */
  private boolean forget(Allocator allocator, LongPredicate stays, AddressFilter filter) {
    int left = allocator.forget(lastFrameId - remembered, stays, filter);
    records += left;
    return left == 0 && allocator.deleted;
  }

  /** Notes that a wrong free met an address without a record; it may have had one. */
  void miss(long address) {
    if (forgotten != null && forgotten.mayContain(address) && !spared.contains(address)) {
      missed.add(address);
    }
  }

  /** Addresses that the pass should have spared. */
  Set<Long> missed() {
    return missed;
  }
}
