package dev.kstrace.capture.etl;

import dev.kstrace.capture.imports.InType;
import dev.kstrace.capture.imports.KsAllocTraceSchema;
import dev.kstrace.capture.imports.ProbeEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to read the payload of an event of the probe, worked out once from its schema: by the names
 * of fields, whatever lies between them. Ends at the first array or struct; the probe has none.
 * Immutable.
 */
final class ProbePlan {
  private final String name;
  private final KsAllocTraceSchema.@Nullable Event event;
  private final InType[] types;
  private final KsAllocTraceSchema.@Nullable Field[] fields;

  ProbePlan(String name, List<EventSchema.Field> schema) {
    this.name = name;
    this.event = KsAllocTraceSchema.Event.ofLabel(name);
    List<InType> plain = new ArrayList<>();
    for (EventSchema.Field field : schema) {
      if (field.count() != EventSchema.SCALAR || field.type() == InType.STRUCT) {
        break;
      }
      plain.add(field.type());
    }
    types = plain.toArray(InType[]::new);
    fields = new KsAllocTraceSchema.@Nullable Field[types.length];
    for (int i = 0; i < types.length; i++) {
      fields[i] = KsAllocTraceSchema.Field.ofLabel(schema.get(i).name());
    }
  }

  /** Reads a record; false where its payload is shorter than its schema. */
  boolean read(EtlRecord record, ProbeEvent into) {
    into.begin(event, name);
    byte[] bytes = record.bytes;
    int at = record.payload;
    int end = at + record.payloadBytes;
    for (int i = 0; i < types.length; i++) {
      InType type = types[i];
      int size = type.bytes();
      if (size == 0) {
        size = Payload.variableBytes(type, bytes, at, end);
      }
      if (size < 0 || size > end - at) {
        return false;
      }
      KsAllocTraceSchema.Field field = fields[i];
      if (field == KsAllocTraceSchema.Field.DRIVER && type == InType.COUNTED_ANSI) {
        into.setDriver(new String(bytes, at + 2, size - 2, StandardCharsets.ISO_8859_1));
      } else if (field != null && type.bytes() > 0 && type.bytes() <= 8) {
        into.set(field, Payload.number(type, bytes, at));
      }
      at += size;
    }
    return true;
  }
}
