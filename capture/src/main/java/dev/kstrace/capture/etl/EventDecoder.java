package dev.kstrace.capture.etl;

import dev.kstrace.capture.etl.EtlRecord.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Names records and decodes their payloads where they say how, or where this version knows: self-
 * describing events, Windows' streaming providers, pool events. Not thread-safe.
 */
public final class EventDecoder {
  private static final String KERNEL = "kernel logger";

  private final EventSchema.Cache schemas = new EventSchema.Cache();

  /** The schema that a record carries; null where it carries none or a damaged one. */
  public @Nullable EventSchema schema(EtlRecord record) {
    return record.hasSchema() ? schemas.of(record) : null;
  }

  /** Name of a record's provider as far as it is known, or an empty text. */
  public String providerName(EtlRecord record) {
    if (record.isKernel()) {
      return KERNEL;
    }
    String known = ContextEvents.providerName(record);
    return known == null ? record.providerName() : known;
  }

  /** What a record is among those of its provider: its name, or its numbers. */
  public String eventName(EtlRecord record) {
    EventSchema schema = schema(record);
    if (schema != null) {
      return schema.name();
    }
    if (PoolEvents.isNamed(record)) {
      return PoolEvents.isFree(record) ? "PoolFree" : "PoolAllocation";
    }
    String known = ContextEvents.eventName(record);
    if (known != null) {
      return known;
    }
    if (record.isKernel()) {
      return String.format(
          Locale.ROOT,
          "group 0x%02x opcode %d version %d",
          record.group,
          record.opcode,
          record.version);
    }
    return switch (record.kind) {
      case CLASSIC, INSTANCE -> "opcode " + record.opcode + " version " + record.version;
      case MESSAGE -> "message " + record.id;
      default -> "id " + record.id + " version " + record.version;
    };
  }

  /**
   * Names of the fields that {@link #visit} would hand out, types of self-describing ones added.
   */
  public String fields(EtlRecord record) {
    EventSchema schema = schema(record);
    List<String> names = new ArrayList<>();
    if (schema != null) {
      for (EventSchema.Field field : schema.fields()) {
        String type = field.type().name().toLowerCase(Locale.ROOT);
        String many =
            field.count() == EventSchema.SCALAR
                ? ""
                : field.count() >= 0 ? "[" + field.count() + "]" : "[]";
        names.add(field.name() + " " + type + many);
      }
    }
    return String.join(", ", names);
  }

  /** Whether {@link #visit} knows the payload of a record. */
  public boolean decodes(EtlRecord record) {
    return schema(record) != null
        || PoolEvents.isOne(record)
        || (record.kind == Kind.EVENT && ContextEvents.eventName(record) != null);
  }

  /**
   * Hands the fields of a record to a visitor; each struct or array that begins also ends.
   *
   * @return whether the payload was what its schema says; else the fields before the fault were
   *     handed out
   */
  public boolean visit(EtlRecord record, FieldVisitor visitor) {
    EventSchema schema = schema(record);
    if (schema != null) {
      return Payload.visit(record, schema, visitor);
    }
    if (PoolEvents.isOne(record)) {
      PoolEvents.visit(record, visitor);
      return true;
    }
    return ContextEvents.visit(record, visitor);
  }
}
