package dev.kstrace.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.analyze.Explanation;
import dev.kstrace.analyze.Explanation.Holder;
import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.Mark;
import dev.kstrace.analyze.TraceFacts.AllocatorSummary;
import dev.kstrace.cli.findings.FindingObject;
import dev.kstrace.cli.text.Json;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Hex;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An explanation as JSON, schema {@code kstrace.explain/1}; docs/explain.md has its fields. Numbers
 * of 64 bits are strings; what was not recorded is left out.
 */
final class ExplainedJson {
  private final JsonGenerator json;

  private ExplainedJson(JsonGenerator json) {
    this.json = json;
  }

  static void write(PrintStream out, Explained explained) throws IOException {
    try (JsonGenerator json = Json.indented(out)) {
      new ExplainedJson(json).write(explained);
      json.writeRaw('\n');
    }
  }

  private void write(Explained explained) throws IOException {
    Explanation explanation = explained.explanation();
    json.writeStartObject();
    json.writeStringField("schema", "kstrace.explain/1");
    json.writeStringField("tool", Version.producer());
    json.writeStringField("path", explanation.file().toString());
    json.writeFieldName("event");
    event(explanation.event());
    Mark mark = explanation.mark();
    if (mark != null) {
      text("mark", mark.text());
      text("test", mark.test());
    }
    Long allocId = explanation.allocId();
    if (allocId != null) {
      allocator(explanation.facts().allocator(allocId));
    }
    json.writeArrayFieldStart("story");
    for (TraceEvent event : explanation.story()) {
      event(event);
    }
    json.writeEndArray();
    json.writeStringField("holder_count", Long.toString(explanation.holderCount()));
    json.writeArrayFieldStart("holders");
    for (Holder holder : explanation.holders()) {
      holder(holder);
    }
    json.writeEndArray();
    findings("findings", explanation.blamed(), explained);
    findings("related", explanation.related(), explained);
    json.writeArrayFieldStart("same_fingerprint");
    for (Finding other : explained.others()) {
      json.writeString(Long.toUnsignedString(other.seq()));
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void event(TraceEvent event) throws IOException {
    json.writeStartObject();
    json.writeStringField("seq", Long.toUnsignedString(event.seq()));
    json.writeStringField("op", TraceText.opLabel(event.op()));
    json.writeStringField("layer", TraceText.layerLabel(event.layer()));
    json.writeStringField("t_entry", Long.toString(event.tEntry()));
    text("t_exit", event.tExit() == null ? null : event.tExit().toString());
    number("thread", event.thread());
    number("irql_entry", event.irqlEntry());
    number("irql_exit", event.irqlExit());
    address("pin", event.pin());
    address("context", event.context());
    address("frame", event.frame());
    text("size", event.size() == null ? null : Long.toUnsignedString(event.size()));
    text("status", event.status() == null ? null : NtStatus.format(event.status()));
    Framing framing = event.framing();
    if (framing != null) {
      framing(framing);
    }
    text("detail", event.detail());
    json.writeEndObject();
  }

  private void allocator(AllocatorSummary allocator) throws IOException {
    json.writeObjectFieldStart("allocator");
    json.writeStringField("alloc_id", Long.toString(allocator.allocId()));
    address("pin", allocator.pin());
    text("pin_name", allocator.pinName());
    if (allocator.framing() != null) {
      framing(allocator.framing());
    }
    json.writeEndObject();
  }

  private void framing(Framing framing) throws IOException {
    json.writeObjectFieldStart("framing");
    unsigned("options_flags", framing.optionsFlags());
    unsigned("pool_type", framing.poolType());
    unsigned("frames", framing.frames());
    unsigned("frame_size", framing.frameSize());
    unsigned("file_alignment", framing.fileAlignment());
    unsigned("reserved", framing.reserved());
    json.writeEndObject();
  }

  private void holder(Holder holder) throws IOException {
    json.writeStartObject();
    json.writeStringField("frame_id", Long.toString(holder.frameId()));
    json.writeStringField("alloc_id", Long.toString(holder.allocId()));
    json.writeStringField("layer", holder.layer());
    json.writeStringField("allocate_seq", Long.toUnsignedString(holder.allocateSeq()));
    text("allocate_thread", holder.allocThread() == null ? null : holder.allocThread().toString());
    text("free_seq", holder.freeSeq() == null ? null : Long.toUnsignedString(holder.freeSeq()));
    text("free_thread", holder.freeThread() == null ? null : holder.freeThread().toString());
    text("held_ns", holder.heldNs() == null ? null : holder.heldNs().toString());
    json.writeStringField("state", holder.state());
    json.writeEndObject();
  }

  private void findings(String name, List<Finding> findings, Explained explained)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (Finding finding : findings) {
      json.writeStartObject();
      FindingObject.write(json, explained.triaged(finding));
      json.writeStringField("advice", explained.rule(finding).fix());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void text(String name, @Nullable String value) throws IOException {
    if (value != null) {
      json.writeStringField(name, value);
    }
  }

  private void address(String name, @Nullable Long value) throws IOException {
    text(name, value == null ? null : Hex.of(value));
  }

  private void number(String name, @Nullable Integer value) throws IOException {
    if (value != null) {
      unsigned(name, value);
    }
  }

  private void unsigned(String name, int value) throws IOException {
    json.writeNumberField(name, Integer.toUnsignedLong(value));
  }
}
