package dev.kstrace.replay;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a replay is run. Immutable.
 *
 * @param stopAtFirst whether to stop behind the first event with a contract divergence
 * @param keep most divergences of each kind that the report lists, at least 0; all are counted
 * @param leaveOut events whose calls are not made, by {@code seq}, with the reason in words
 * @param disturbances what is done to calls besides making them
 * @param from events before this {@code seq} are driven and not compared; null = none are
 * @param until the last {@code seq} to replay; null = all are
 * @param pace at which calls are made; null = as fast as they can be
 */
public record ReplayOptions(
    boolean stopAtFirst,
    int keep,
    Map<Long, String> leaveOut,
    Disturbances disturbances,
    @Nullable Long from,
    @Nullable Long until,
    @Nullable Pace pace) {
  /** Runs to the end and lists up to 1,000 divergences of each kind. */
  public static final ReplayOptions DEFAULTS = new ReplayOptions(false, 1_000, Map.of());

  /** Options of the essential kind. */
  public ReplayOptions(boolean stopAtFirst, int keep, Map<Long, String> leaveOut) {
    this(stopAtFirst, keep, leaveOut, Disturbances.NOTHING, null, null, null);
  }

  /** Checks the limit; copies the map. */
  public ReplayOptions {
    if (keep < 0) {
      throw new IllegalArgumentException("keep=" + keep + ", expected at least 0");
    }
    leaveOut = Map.copyOf(leaveOut);
  }

  /** Whether every call is made as recorded and compared, and no divergence ends the replay. */
  boolean arePlain() {
    return !stopAtFirst
        && leaveOut.isEmpty()
        && disturbances == Disturbances.NOTHING
        && from == null;
  }

  /** These options with {@code stopAtFirst} set. */
  public ReplayOptions stoppingAtFirst() {
    return new ReplayOptions(true, keep, leaveOut, disturbances, from, until, pace);
  }

  /** These options with other calls left out. */
  public ReplayOptions leavingOut(Map<Long, String> calls) {
    return new ReplayOptions(stopAtFirst, keep, calls, disturbances, from, until, pace);
  }

  /** These options with other disturbances. */
  public ReplayOptions disturbedBy(Disturbances others) {
    return new ReplayOptions(stopAtFirst, keep, leaveOut, others, from, until, pace);
  }

  /** These options for a part of the recording; null = no bound. */
  public ReplayOptions between(@Nullable Long first, @Nullable Long last) {
    return new ReplayOptions(stopAtFirst, keep, leaveOut, disturbances, first, last, pace);
  }

  /** These options with a pace. */
  public ReplayOptions paced(@Nullable Pace other) {
    return new ReplayOptions(stopAtFirst, keep, leaveOut, disturbances, from, until, other);
  }
}
