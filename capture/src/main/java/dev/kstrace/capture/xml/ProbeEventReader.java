package dev.kstrace.capture.xml;

import dev.kstrace.capture.imports.KsAllocTraceSchema.Column;
import dev.kstrace.capture.imports.KsAllocTraceSchema.Event;
import dev.kstrace.capture.imports.KsAllocTraceSchema.Field;
import dev.kstrace.capture.imports.ProbeEvent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads an event of the probe from XML: from named values, or from the bytes of an event that
 * tracerpt could not decode. Neither says which event it is; the fields do, and so does the size,
 * since no two events share either.
 */
final class ProbeEventReader {
  private ProbeEventReader() {}

  /** Reads an event; false where it is none of the probe's. */
  static boolean read(XmlEvent from, ProbeEvent into) {
    if (from.binary != null) {
      return read(from.binary, into);
    }
    Event event = eventWith(from);
    if (event == null) {
      return false;
    }
    into.begin(event, event.label());
    for (Column column : event.columns()) {
      Long value = from.number(column.field().label());
      if (value != null) {
        into.set(column.field(), value);
      }
    }
    into.setDriver(from.data.getOrDefault(Field.DRIVER.label(), "").strip());
    return into.isComplete();
  }

  /** The event with the most fields of which none is absent. */
  private static @Nullable Event eventWith(XmlEvent from) {
    Event best = null;
    for (Event event : Event.values()) {
      boolean all =
          event.columns().stream()
              .allMatch(column -> from.data.containsKey(column.field().label()));
      if (all && (best == null || event.columns().size() > best.columns().size())) {
        best = event;
      }
    }
    return best;
  }

  private static boolean read(byte[] bytes, ProbeEvent into) {
    Event event = eventOf(bytes);
    if (event == null) {
      return false;
    }
    into.begin(event, event.label());
    ByteBuffer payload = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (Column column : event.columns()) {
      switch (column.type()) {
        case UINT8 -> into.set(column.field(), payload.get() & 0xFF);
        case UINT16 -> into.set(column.field(), payload.getShort() & 0xFFFF);
        case UINT32, HEX32 -> into.set(column.field(), payload.getInt() & 0xFFFFFFFFL);
        case INT32 -> into.set(column.field(), payload.getInt());
        case COUNTED_ANSI -> into.setDriver(driver(payload));
        default -> into.set(column.field(), payload.getLong());
      }
    }
    return true;
  }

  private static @Nullable Event eventOf(byte[] bytes) {
    for (Event event : Event.values()) {
      if (event != Event.PROBE_START && event.fixedBytes() == bytes.length) {
        return event;
      }
    }
    int fixed = Event.PROBE_START.fixedBytes();
    if (bytes.length < fixed + 2) {
      return null;
    }
    int length = (bytes[fixed] & 0xFF) | (bytes[fixed + 1] & 0xFF) << 8;
    return bytes.length == fixed + 2 + length ? Event.PROBE_START : null;
  }

  private static String driver(ByteBuffer payload) {
    byte[] name = new byte[payload.getShort() & 0xFFFF];
    payload.get(name);
    return new String(name, StandardCharsets.ISO_8859_1);
  }
}
