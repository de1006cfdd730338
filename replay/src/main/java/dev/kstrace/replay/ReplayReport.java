package dev.kstrace.replay;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came out of a replay. Immutable.
 *
 * @param target target's name
 * @param events recorded events read
 * @param calls callback-layer calls that the target returned from, extra ones not counted
 * @param same how many of them show no contract divergence
 * @param counts divergences by kind, every kind present
 * @param first first contract divergence in full; null = none
 * @param firsts first divergence of each kind in full
 * @param divergences those listed, in order of the events, up to a limit of each kind
 * @param allocators how it went for each allocator of the recording
 * @param extraCalls calls added to give back what the recording cannot free or delete
 * @param leftOut events not replayed since their allocator or frame does not exist in the target
 * @param notDriven callback-layer calls copied as recorded since their context or frame is unknown
 * @param serialised whether recorded calls overlapped, so that their order is that of effect
 * @param firstLoss place of the first event behind a loss, unsigned; null = none lost
 * @param missingStart whether the recording does not say that it began before the first pin
 * @param cut whether the recording has no orderly end
 * @param notes what the target's surroundings noticed, such as pool that a deleted allocator still
 *     holds, counted by kind; empty where they see nothing
 * @param death how the target ended early; null = it did not
 * @param survived earlier ends of the target, whose calls were then left out
 * @param shifts where replayed rows have another {@code seq} than the recorded events
 * @param fixedAddresses whether the target's addresses are the same in each run
 * @param from events before this place were driven and not compared, unsigned; null = none
 * @param until the last place that was to be replayed, unsigned; null = all were
 * @param lateness how late calls were made where a pace was asked for; else null
 */
public record ReplayReport(
    String target,
    long events,
    long calls,
    long same,
    Map<DivergenceKind, Long> counts,
    @Nullable FirstDivergence first,
    List<FirstDivergence> firsts,
    List<Divergence> divergences,
    List<AllocatorSummary> allocators,
    long extraCalls,
    long leftOut,
    long notDriven,
    boolean serialised,
    @Nullable Long firstLoss,
    boolean missingStart,
    boolean cut,
    Map<String, Long> notes,
    @Nullable TargetDeath death,
    List<TargetDeath> survived,
    SeqShifts shifts,
    boolean fixedAddresses,
    @Nullable Long from,
    @Nullable Long until,
    @Nullable Spread lateness) {

  /** Copies the collections. */
  public ReplayReport {
    counts = java.util.Collections.unmodifiableMap(new EnumMap<>(counts));
    firsts = List.copyOf(firsts);
    divergences = List.copyOf(divergences);
    allocators = List.copyOf(allocators);
    notes = java.util.Collections.unmodifiableMap(new java.util.TreeMap<>(notes));
    survived = List.copyOf(survived);
  }

  /** This report with another death, and with those before it. */
  ReplayReport with(@Nullable TargetDeath other, List<TargetDeath> before) {
    return new ReplayReport(
        target,
        events,
        calls,
        same,
        counts,
        first,
        firsts,
        divergences,
        allocators,
        extraCalls,
        leftOut,
        notDriven,
        serialised,
        firstLoss,
        missingStart,
        cut,
        notes,
        other,
        before,
        shifts,
        fixedAddresses,
        from,
        until,
        lateness);
  }

  /** How many divergences of a kind there were, listed or not. */
  public long count(DivergenceKind kind) {
    return counts.getOrDefault(kind, 0L);
  }

  /** Whether the target broke with the recording in something that callers may rely on. */
  public boolean diverged() {
    return first != null;
  }

  /** What weakens the replay, one sentence each; empty where nothing does. */
  public List<String> caveats() {
    List<String> caveats = new ArrayList<>();
    if (missingStart) {
      caveats.add("The recording may have begun late: contexts made before it are unknown.");
    }
    if (firstLoss != null) {
      caveats.add(
          "Events were lost before seq "
              + Long.toUnsignedString(firstLoss)
              + ": from there on the target may hold frames that were freed, or lack some.");
    }
    if (cut) {
      caveats.add("The recording has no orderly end: it was replayed as far as it goes.");
    }
    if (serialised) {
      caveats.add(
          "Recorded calls overlapped: they were replayed one by one, by point of effect, so what"
              + " depends on the order inside the allocator may differ.");
    }
    if (from != null) {
      caveats.add(
          "Events before seq "
              + Long.toUnsignedString(from)
              + " were driven, to build the state, and not compared.");
    }
    if (until != null) {
      caveats.add("Replayed up to seq " + Long.toUnsignedString(until) + ", as asked for.");
    }
    if (!fixedAddresses) {
      caveats.add(
          "The target's addresses are not the same in each run, so two replays do not give the same"
              + " bytes: compare them by check or diff.");
    }
    return caveats;
  }
}
