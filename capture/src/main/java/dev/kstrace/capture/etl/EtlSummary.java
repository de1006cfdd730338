package dev.kstrace.capture.etl;

import dev.kstrace.traces.ReadProgress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is in a file: how many records of which kinds, providers and events. Immutable. */
public final class EtlSummary {
  /** A file may hold any number of made-up events; from here on they are counted together. */
  private static final int MAX_EVENTS = 1 << 16;

  private static final int RECORDS_PER_REPORT = 1 << 14;

  private final Map<EtlRecord.Kind, Long> kinds = new EnumMap<>(EtlRecord.Kind.class);
  private final List<Event> events;
  private final long otherEvents;
  private final long firstTicks;
  private final long lastTicks;
  private final long damaged;

  /**
   * All records of one event.
   *
   * @param provider name of its provider; empty where it is not known
   * @param guid GUID of its provider; empty for the kernel logger
   * @param name what it is among those of its provider
   * @param fields names of its fields, as far as they are known
   * @param count how many there are
   */
  public record Event(String provider, String guid, String name, String fields, long count) {}

  /** What makes two records the same event. */
  private record Key(
      EtlRecord.Kind kind, long guidLow, long guidHigh, int number, int version, String name) {
    static Key of(EtlRecord record, @Nullable EventSchema schema) {
      int number =
          schema != null
              ? 0
              : record.id << 16 | (record.kind == EtlRecord.Kind.EVENT ? 0 : record.opcode);
      return new Key(
          record.isKernel() ? EtlRecord.Kind.SYSTEM : record.kind,
          record.guidLow,
          record.guidHigh,
          record.isKernel() ? record.group << 8 | record.opcode : number,
          schema != null ? 0 : record.version,
          schema != null ? schema.name() : "");
    }
  }

  private static final class Counted {
    final Event event;
    long count;

    Counted(Event event) {
      this.event = event;
    }
  }

  private EtlSummary(EtlReader reader, ReadProgress progress) throws IOException {
    EventDecoder decoder = new EventDecoder();
    Map<Key, Counted> counts = new HashMap<>();
    long other = 0;
    long first = 0;
    long last = 0;
    long broken = 0;
    while (reader.next()) {
      EtlRecord record = reader.record();
      first = reader.records() == 1 ? record.ticks : first;
      last = record.ticks;
      kinds.merge(record.kind, 1L, Long::sum);
      EventSchema schema = decoder.schema(record);
      broken += record.hasSchema() && schema == null ? 1 : 0;
      Key key = Key.of(record, schema);
      Counted counted = counts.get(key);
      if (counted == null && counts.size() < MAX_EVENTS) {
        counted = new Counted(describe(record, decoder));
        counts.put(key, counted);
      }
      if (counted == null) {
        other++;
      } else {
        counted.count++;
      }
      if ((reader.records() & (RECORDS_PER_REPORT - 1)) == 0) {
        progress.at(reader.bytesRead(), reader.fileBytes());
      }
    }
    List<Event> all = new ArrayList<>();
    for (Counted counted : counts.values()) {
      Event event = counted.event;
      all.add(
          new Event(event.provider(), event.guid(), event.name(), event.fields(), counted.count));
    }
    all.sort(
        Comparator.comparing(Event::provider)
            .thenComparing(Event::guid)
            .thenComparing(Comparator.comparingLong(Event::count).reversed())
            .thenComparing(Event::name)
            .thenComparing(Event::fields));
    events = List.copyOf(all);
    otherEvents = other;
    firstTicks = first;
    lastTicks = last;
    damaged = broken;
  }

  private static Event describe(EtlRecord record, EventDecoder decoder) {
    return new Event(
        decoder.providerName(record),
        record.isKernel() ? "" : record.provider().toString(),
        decoder.eventName(record),
        decoder.fields(record),
        0);
  }

  /**
   * Reads all records that a reader has left.
   *
   * @throws IOException if the file cannot be read
   */
  public static EtlSummary of(EtlReader reader, ReadProgress progress) throws IOException {
    return new EtlSummary(reader, progress);
  }

  /** Records of a kind. */
  public long count(EtlRecord.Kind kind) {
    return kinds.getOrDefault(kind, 0L);
  }

  /** Events by provider, the most frequent first; unmodifiable. */
  public List<Event> events() {
    return events;
  }

  /** Records of events that are not listed, because there are too many. */
  public long otherEvents() {
    return otherEvents;
  }

  /** Time stamp of the first record; 0 without records. */
  public long firstTicks() {
    return firstTicks;
  }

  /** Time stamp of the last record; 0 without records. */
  public long lastTicks() {
    return lastTicks;
  }

  /** Records whose schema is damaged. */
  public long damagedSchemas() {
    return damaged;
  }
}
