package dev.kstrace.cli.report;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.analyze.Timeline.AllocatorLife;
import dev.kstrace.analyze.report.Detail;
import dev.kstrace.analyze.report.Overview;
import dev.kstrace.analyze.report.Slots;
import dev.kstrace.analyze.report.Spans;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Hex;
import java.io.IOException;
import java.util.List;

/** The slots of allocators: addresses, alignment, holes, and who held each when. */
final class SlotsJson {
  private SlotsJson() {}

  /** Writes the field of a trace's object. */
  static void write(JsonGenerator json, Overview overview, Detail detail) throws IOException {
    json.writeArrayFieldStart("slots");
    for (Slots slots : overview.slots()) {
      List<Slots.Slot> all = slots.all();
      AllocatorLife life =
          overview.timeline().allocators().get(Math.toIntExact(slots.allocId() - 1));
      json.writeStartObject();
      json.writeNumberField("id", slots.allocId());
      json.writeNumberField("count", all.size());
      json.writeNumberField("untold", slots.untold());
      json.writeArrayFieldStart("slots");
      long end = 0;
      for (Slots.Slot slot : all.subList(0, Math.min(all.size(), detail.rows() / 4))) {
        slot(json, slot, end, life.framing());
        end = slot.address() + slot.bytes();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** The gap is from the end of the slot before: negative = they overlap, 0 for the first. */
  private static void slot(
      JsonGenerator json,
      Slots.Slot slot,
      long previousEnd,
      @org.jspecify.annotations.Nullable Framing framing)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("at", Hex.of(slot.address()));
    json.writeNumberField("bytes", slot.bytes());
    json.writeNumberField("frames", slot.frames());
    json.writeNumberField("gap", previousEnd == 0 ? 0 : slot.address() - previousEnd);
    if (framing != null && !framing.isAligned(slot.address())) {
      json.writeBooleanField("misaligned", true);
    }
    Spans spans = slot.spans();
    if (spans.size() > 0) {
      json.writeNumberField("width", spans.widthNs());
      json.writeArrayFieldStart("spans");
      long previous = 0;
      for (int i = 0; i < spans.size(); i++) {
        json.writeStartArray();
        json.writeNumber(spans.start(i) - previous);
        previous = spans.start(i);
        json.writeNumber(spans.end(i) == Long.MAX_VALUE ? -1 : spans.end(i) - spans.start(i));
        json.writeNumber(spans.thread(i));
        json.writeNumber(spans.freeThread(i));
        json.writeString(Long.toUnsignedString(spans.seq(i)));
        if (spans.frames(i) > 1 || spans.isFlagged(i)) {
          json.writeNumber(spans.frames(i));
          json.writeNumber(spans.busyNs(i));
          json.writeNumber(spans.isFlagged(i) ? 1 : 0);
        }
        json.writeEndArray();
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }
}
