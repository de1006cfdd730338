package dev.kstrace.capture.imports;

import dev.kstrace.capture.imports.KsAllocTraceSchema.Event;
import dev.kstrace.capture.imports.KsAllocTraceSchema.Field;
import org.jspecify.annotations.Nullable;

/**
 * One event of the probe, whichever file it was read from. Reused from event to event; not
 * thread-safe.
 */
public final class ProbeEvent {
  private final long[] values = new long[Field.COUNT];
  private int present;
  private @Nullable Event event;
  private String name = "";
  private String driver = "";

  /**
   * Forgets all fields.
   *
   * @param event what it is; null where only the name is known
   * @param name the event's name as it was recorded
   */
  public void begin(@Nullable Event event, String name) {
    this.event = event;
    this.name = name;
    present = 0;
    driver = "";
  }

  /** What it is, or null where this version does not know the name. */
  public @Nullable Event event() {
    return event;
  }

  /** The event's name as it was recorded. */
  public String name() {
    return name;
  }

  /** Sets a number; signed ones are sign-extended. */
  public void set(Field field, long value) {
    values[field.index()] = value;
    present |= field.bit();
  }

  /** Sets {@link Field#DRIVER}. */
  public void setDriver(String value) {
    driver = value;
  }

  /** Whether a number was set. */
  public boolean has(Field field) {
    return (present & field.bit()) != 0;
  }

  /** Whether all numbers that this version expects of the event were set. */
  public boolean isComplete() {
    return event != null && (present & event.numbers()) == event.numbers();
  }

  /** A number; 0 where it was not set. */
  public long get(Field field) {
    return has(field) ? values[field.index()] : 0;
  }

  /** Name of the driver, or an empty text. */
  public String driver() {
    return driver;
  }
}
