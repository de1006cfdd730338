package dev.kstrace.analyze;

import dev.kstrace.traces.Framing;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stands still while calls come and go: who lived from when to when. Times are in ns as
 * recorded. Immutable.
 *
 * @param firstNs earliest time of the trace; 0 without events
 * @param lastNs latest time
 * @param allocators one per initialize, successful or not
 * @param pins one per pin instance
 * @param steps one per pin_state, in file order
 * @param marks in file order
 * @param losses in file order
 */
public record Timeline(
    long firstNs,
    long lastNs,
    List<AllocatorLife> allocators,
    List<PinLife> pins,
    List<Step> steps,
    List<Mark> marks,
    List<Loss> losses) {

  /**
   * One initialize and the allocator that it made.
   *
   * @param allocId its number, from 1 on
   * @param seq the initialize
   * @param timeNs entry of the initialize
   * @param deleteNs entry of the delete; null = none
   * @param pinId its pin instance, from 1 on; null = none was recorded
   * @param pin KSPIN address; null = not recorded
   * @param pinName what its pin is called for people, never empty
   * @param created whether the initialize made an allocator
   * @param framing what it was asked to provide; null = not recorded
   * @param allocates successful allocates of the callback layer
   * @param failedAllocates allocates of that layer that gave NULL
   * @param frees frees of that layer
   * @param peak most frames that were live at once at that layer
   * @param unfreed frames of all layers that no free ended
   */
  public record AllocatorLife(
      long allocId,
      long seq,
      long timeNs,
      @Nullable Long deleteNs,
      @Nullable Long pinId,
      @Nullable Long pin,
      String pinName,
      boolean created,
      @Nullable Framing framing,
      long allocates,
      long failedAllocates,
      long frees,
      long peak,
      long unfreed) {}

  /**
   * One pin instance.
   *
   * @param pinId its number, from 1 on
   * @param name what it is called for people, never empty
   * @param created whether its pin_create was recorded; else its state is unknown at first
   * @param createNs when it was first seen
   * @param closeNs null = it was not closed
   */
  public record PinLife(
      long pinId, String name, boolean created, long createNs, @Nullable Long closeNs) {}

  /**
   * A pin_state.
   *
   * @param pinId the pin instance; null = the row names no pin
   * @param to 0 STOP, 1 ACQUIRE, 2 PAUSE, 3 RUN; null = not recorded
   */
  public record Step(@Nullable Long pinId, long timeNs, @Nullable Long to) {}

  /**
   * A mark.
   *
   * @param text null = it has none
   */
  public record Mark(long seq, long timeNs, @Nullable String text) {}

  /**
   * Lost events.
   *
   * @param seq the events_lost row, or the first event behind a hole in seq
   * @param timeNs its time: the end of the gap
   * @param count how many; null = unknown
   * @param cause as the producer says, or {@code hole in seq}
   */
  public record Loss(long seq, long timeNs, @Nullable Long count, String cause) {}

  /** The name of a pin that has none. */
  public static final String UNNAMED = "a pin without a name";

  /** What a trace that was read says. */
  public static Timeline of(TraceFacts facts) {
    long[] unfreed = new long[facts.allocators().size() + 1];
    int allocId = Tables.UNFREED.indexOf("alloc_id");
    for (@Nullable Object[] frame : facts.rows(Tables.UNFREED)) {
      unfreed[number(frame[allocId]) == null ? 0 : Math.toIntExact((Long) frame[allocId])]++;
    }
    List<AllocatorLife> allocators = new ArrayList<>();
    for (Allocator allocator : facts.allocators()) {
      allocators.add(life(allocator, unfreed[allocator.index + 1]));
    }
    List<PinLife> pins = facts.pins().stream().map(Timeline::life).toList();
    return new Timeline(
        facts.firstNs(),
        facts.firstNs() + facts.durationNs(),
        List.copyOf(allocators),
        pins,
        facts.rows(Tables.PIN_STATES).stream().map(Timeline::step).toList(),
        facts.rows(Tables.MARKS).stream().map(Timeline::mark).toList(),
        facts.rows(Tables.LOSSES).stream().map(Timeline::loss).toList());
  }

  private static AllocatorLife life(Allocator allocator, long unfreed) {
    Pin pin = allocator.pinInstance;
    return new AllocatorLife(
        allocator.index + 1L,
        allocator.seq,
        allocator.time,
        allocator.deleted ? Long.valueOf(allocator.deleteTime) : null,
        pin == null ? null : Long.valueOf(pin.index + 1L),
        allocator.pin,
        name(pin),
        allocator.created,
        allocator.framing,
        allocator.allocates,
        allocator.failedAllocates,
        allocator.frees,
        allocator.peak,
        unfreed);
  }

  private static PinLife life(Pin pin) {
    return new PinLife(pin.index + 1L, name(pin), pin.createSeq != null, pin.time, pin.closeTime);
  }

  /** As {@link PinMeasures} calls it. */
  private static String name(@Nullable Pin pin) {
    if (pin == null) {
      return UNNAMED;
    }
    if (pin.name != null) {
      return pin.name;
    }
    return pin.factoryId == null ? UNNAMED : "pin type " + pin.factoryId;
  }

  private static Step step(@Nullable Object[] row) {
    return new Step(
        number(row[Tables.PIN_STATES.indexOf("pin_id")]),
        (Long) required(row[Tables.PIN_STATES.indexOf("t_entry")]),
        number(row[Tables.PIN_STATES.indexOf("to_state")]));
  }

  private static Mark mark(@Nullable Object[] row) {
    return new Mark(
        (Long) required(row[Tables.MARKS.indexOf("seq")]),
        (Long) required(row[Tables.MARKS.indexOf("t_entry")]),
        (String) row[Tables.MARKS.indexOf("text")]);
  }

  private static Loss loss(@Nullable Object[] row) {
    return new Loss(
        (Long) required(row[Tables.LOSSES.indexOf("seq")]),
        (Long) required(row[Tables.LOSSES.indexOf("t_entry")]),
        number(row[Tables.LOSSES.indexOf("count")]),
        String.valueOf(row[Tables.LOSSES.indexOf("cause")]));
  }

  private static @Nullable Long number(@Nullable Object value) {
    return (Long) value;
  }

  private static Object required(@Nullable Object value) {
    return java.util.Objects.requireNonNull(value);
  }
}
