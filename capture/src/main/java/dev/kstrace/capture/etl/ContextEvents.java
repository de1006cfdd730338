package dev.kstrace.capture.etl;

import dev.kstrace.capture.imports.Guid;
import dev.kstrace.traces.Detail;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Events of Windows' own streaming providers, which have ids and no schema: what happens around the
 * frames. They become marks. Source of ids and fields: the public dumps of provider manifests
 * repnz/etw-providers-docs (Windows 10, builds 10240 to 18990) and jdu2600/Windows10EtwEvents.
 */
public final class ContextEvents {
  /** A field of an event. */
  private enum Form {
    POINTER,
    U32,
    HEX32,
    I64,
    GUID
  }

  private record Field(String name, Form form) {}

  private record Event(String name, List<Field> fields) {}

  private record Provider(String name, Map<Integer, Event> events) {}

  static final Guid KERNEL_STREAMING = guid("548c4417-ce45-41ff-99dd-528f01ce0fe1");
  static final Guid KS_PROXY = guid("3cc2d4af-da5e-4ed4-bcbe-3cf995940483");

  private static final Field IRP = new Field("pIrp", Form.POINTER);
  private static final Provider STREAMING = streaming();
  private static final Provider PROXY = proxy();

  private ContextEvents() {}

  private static Guid guid(String text) {
    Guid guid = Guid.parse(text);
    if (guid == null) {
      throw new IllegalStateException(text);
    }
    return guid;
  }

  private static Provider streaming() {
    Map<Integer, Event> events = new HashMap<>();
    pair(events, 200, "KS_PnpAddDevice");
    pair(events, 202, "KS_StreamingRequest", IRP);
    events.put(
        204,
        event(
            "KS_CameraGrab start",
            new Field("ProcessId", Form.POINTER),
            new Field("PinId", Form.U32),
            new Field("FilterAddress", Form.POINTER)));
    events.put(205, event("KS_CameraGrab stop", new Field("Status", Form.HEX32)));
    pair(events, 206, "KS_WNF");
    events.put(
        208,
        event(
            "KS_WNFPinState",
            new Field("FilterExt", Form.POINTER),
            new Field("PinState", Form.U32)));
    events.put(209, event("KS_WNFNotification", new Field("EntryCount", Form.U32)));
    events.put(210, event("KS_DisplayOff"));
    pair(
        events,
        211,
        "KS_IoProbeandLock",
        new Field("PinId", Form.HEX32),
        new Field("BufSize", Form.U32));
    pair(
        events,
        213,
        "KS_QueryInterface",
        new Field("pKsDevice", Form.POINTER),
        IRP,
        new Field("InterfaceGuid", Form.GUID),
        new Field("Status", Form.U32));
    return new Provider("Microsoft-Windows-KernelStreaming", events);
  }

  private static Provider proxy() {
    Map<Integer, Event> events = new HashMap<>();
    for (int id = 7; id <= 13; id++) {
      events.put(
          id,
          event(
              "KSProxyBuffer",
              new Field("Buffer", Form.POINTER),
              new Field("TimeStamp", Form.I64)));
    }
    return new Provider("Microsoft-Windows-DirectShow-KernelSupport", events);
  }

  private static Event event(String name, Field... fields) {
    return new Event(name, List.of(fields));
  }

  private static void pair(Map<Integer, Event> events, int id, String name, Field... fields) {
    events.put(id, event(name + " start", fields));
    events.put(id + 1, event(name + " stop", fields));
  }

  private static @Nullable Provider provider(EtlRecord record) {
    if (record.isOf(KERNEL_STREAMING)) {
      return STREAMING;
    }
    return record.isOf(KS_PROXY) ? PROXY : null;
  }

  private static @Nullable Provider provider(Guid guid) {
    return guid.equals(KERNEL_STREAMING) ? STREAMING : guid.equals(KS_PROXY) ? PROXY : null;
  }

  /** Name of a provider, or null where it is none of these. */
  public static @Nullable String providerName(Guid guid) {
    Provider provider = provider(guid);
    return provider == null ? null : provider.name();
  }

  /** Name of a provider's event, or null where it is not known. */
  public static @Nullable String eventName(Guid guid, int id) {
    Provider provider = provider(guid);
    Event event = provider == null ? null : provider.events().get(id);
    return event == null ? null : event.name();
  }

  /** Whether a record comes from one of these providers. */
  static boolean knows(EtlRecord record) {
    return provider(record) != null;
  }

  /** Name of a record's provider, or null where it is none of these. */
  static @Nullable String providerName(EtlRecord record) {
    Provider provider = provider(record);
    return provider == null ? null : provider.name();
  }

  /** Name of a record's event, or null where it is not known. */
  static @Nullable String eventName(EtlRecord record) {
    Provider provider = provider(record);
    Event event = provider == null ? null : provider.events().get(record.id);
    return event == null ? null : event.name();
  }

  /**
   * Hands the fields of a record to a visitor.
   *
   * @return whether the payload held all of them; a shorter one (an older event) gives fewer
   */
  static boolean visit(EtlRecord record, FieldVisitor visitor) {
    Provider provider = provider(record);
    Event event = provider == null ? null : provider.events().get(record.id);
    if (event == null) {
      return false;
    }
    int at = record.payload;
    int end = at + record.payloadBytes;
    for (Field field : event.fields()) {
      int size =
          switch (field.form()) {
            case POINTER -> record.pointerBytes;
            case U32, HEX32 -> 4;
            case I64 -> 8;
            case GUID -> 16;
          };
      if (size > end - at) {
        return false;
      }
      switch (field.form()) {
        case POINTER ->
            visitor.hex(
                field.name(),
                size == 8
                    ? LittleEndian.i64(record.bytes, at)
                    : LittleEndian.u32(record.bytes, at));
        case U32 -> visitor.number(field.name(), LittleEndian.u32(record.bytes, at));
        case HEX32 -> visitor.hex(field.name(), LittleEndian.u32(record.bytes, at));
        case I64 -> visitor.wide(field.name(), LittleEndian.i64(record.bytes, at), false);
        case GUID -> visitor.text(field.name(), Payload.guid(record.bytes, at));
      }
      at += size;
    }
    return true;
  }

  /** The JSON detail of a mark. */
  static String detail(EtlRecord record) {
    String event = eventName(record);
    Detail.Builder detail =
        Detail.builder()
            .put("text", event == null ? "event " + record.id : event)
            .put("provider", String.valueOf(providerName(record)))
            .put("process", Integer.toUnsignedLong(record.process));
    visit(record, new DetailVisitor(detail));
    return detail.build().toJson();
  }
}
