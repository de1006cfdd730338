package dev.kstrace.analyze;

import dev.kstrace.analyze.PinMeasures.Quantity;
import dev.kstrace.traces.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The numbers in which two traces differ. Immutable.
 *
 * @param events rows by operation
 * @param pins by pin, then quantity
 */
public record TraceDiff(List<Change> events, List<Change> pins) {
  /**
   * One number that is not the same.
   *
   * @param subject an operation, or the name of a pin
   * @param quantity what is measured of the pin; null = rows of the operation
   * @param before null = the trace does not know it
   * @param after null = the trace does not know it
   */
  public record Change(
      String subject, @Nullable Quantity quantity, @Nullable Long before, @Nullable Long after) {}

  /** Compares two traces and what was measured of their pins. */
  public static TraceDiff of(
      TraceFacts before,
      TraceFacts after,
      SortedMap<String, SortedMap<Quantity, Long>> measuresBefore,
      SortedMap<String, SortedMap<Quantity, Long>> measuresAfter) {
    List<Change> events = new ArrayList<>();
    for (Op op : Op.values()) {
      add(events, op.label(), null, before.events(op), after.events(op));
    }
    add(events, "unknown", null, before.unknownEvents(), after.unknownEvents());
    List<Change> pins = new ArrayList<>();
    SortedSet<String> names = new TreeSet<>(measuresBefore.keySet());
    names.addAll(measuresAfter.keySet());
    for (String name : names) {
      Map<Quantity, Long> was = measuresBefore.getOrDefault(name, new TreeMap<>());
      Map<Quantity, Long> is = measuresAfter.getOrDefault(name, new TreeMap<>());
      for (Quantity quantity : Quantity.values()) {
        add(pins, name, quantity, was.get(quantity), is.get(quantity));
      }
    }
    return new TraceDiff(List.copyOf(events), List.copyOf(pins));
  }

  private static void add(
      List<Change> changes,
      String subject,
      @Nullable Quantity quantity,
      @Nullable Long before,
      @Nullable Long after) {
    if (!Objects.equals(before, after)) {
      changes.add(new Change(subject, quantity, before, after));
    }
  }

  /** Whether all numbers are the same. */
  public boolean isEmpty() {
    return events.isEmpty() && pins.isEmpty();
  }
}
