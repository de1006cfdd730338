package dev.kstrace.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.cli.text.Json;
import dev.kstrace.replay.AllocatorSummary;
import dev.kstrace.replay.Divergence;
import dev.kstrace.replay.DivergenceKind;
import dev.kstrace.replay.FirstDivergence;
import dev.kstrace.replay.ReplayReport;
import dev.kstrace.replay.Spread;
import dev.kstrace.replay.TargetDeath;
import dev.kstrace.traces.Hex;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/**
 * The report of a replay for programs: schema {@code kstrace.replay/1}. Numbers of 64 bits are
 * strings, since many readers of JSON know only 53.
 */
final class ReplayReportJson {
  private final JsonGenerator json;

  private ReplayReportJson(JsonGenerator json) {
    this.json = json;
  }

  static void write(ReplayReport report, PrintStream out) throws IOException {
    try (JsonGenerator json = Json.indented(out)) {
      new ReplayReportJson(json).report(report);
    }
    out.println();
  }

  private void report(ReplayReport report) throws IOException {
    json.writeStartObject();
    json.writeStringField("schema", "kstrace.replay/1");
    json.writeStringField("target", report.target());
    number("events", report.events());
    number("calls", report.calls());
    number("same", report.same());
    number("extra_calls", report.extraCalls());
    number("left_out", report.leftOut());
    number("not_driven", report.notDriven());
    json.writeObjectFieldStart("counts");
    for (DivergenceKind kind : DivergenceKind.values()) {
      number(kind.label(), report.count(kind));
    }
    json.writeEndObject();
    json.writeObjectFieldStart("noticed");
    for (Map.Entry<String, Long> note : report.notes().entrySet()) {
      number(note.getKey(), note.getValue());
    }
    json.writeEndObject();
    lines("caveats", report.caveats());
    Spread late = report.lateness();
    if (late != null) {
      spread("lateness", late);
    }
    json.writeArrayFieldStart("first");
    for (FirstDivergence first : report.firsts()) {
      json.writeStartObject();
      divergence(first.divergence());
      json.writeStringField("recorded_event", first.recorded());
      json.writeStringField("replayed_event", first.replayed());
      lines("before", first.before());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("divergences");
    for (Divergence divergence : report.divergences()) {
      json.writeStartObject();
      divergence(divergence);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("allocators");
    for (AllocatorSummary allocator : report.allocators()) {
      allocator(allocator);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("deaths");
    for (TargetDeath death : report.survived()) {
      death(death);
    }
    if (report.death() != null) {
      death(report.death());
    }
    json.writeEndArray();
    json.writeBooleanField("went_to_the_end", report.death() == null);
    json.writeEndObject();
  }

  private void divergence(Divergence divergence) throws IOException {
    seq(divergence.seq());
    json.writeStringField("kind", divergence.kind().label());
    json.writeBooleanField("contract", divergence.kind().isContract());
    json.writeStringField("op", TraceText.opLabel(divergence.op()));
    if (divergence.context() != null) {
      json.writeStringField("context", Hex.of(divergence.context()));
    }
    json.writeStringField("recorded", divergence.recorded());
    json.writeStringField("got", divergence.got());
  }

  private void allocator(AllocatorSummary allocator) throws IOException {
    json.writeStartObject();
    seq(allocator.seq());
    if (allocator.pin() != null) {
      json.writeStringField("pin", Hex.of(allocator.pin()));
    }
    json.writeStringField("context", Hex.of(allocator.context()));
    number("calls", allocator.calls());
    number("differing", allocator.differing());
    number("left_out", allocator.leftOut());
    json.writeEndObject();
  }

  private void death(TargetDeath death) throws IOException {
    json.writeStartObject();
    seq(death.seq());
    json.writeStringField("event", death.event());
    json.writeStringField("cause", death.exception());
    json.writeStringField("detail", death.message());
    lines("story", death.story());
    lines("output", death.output());
    json.writeEndObject();
  }

  private void spread(String name, Spread spread) throws IOException {
    json.writeObjectFieldStart(name);
    number("count", spread.count());
    number("p50_ns", spread.medianNs());
    number("p99_ns", spread.p99Ns());
    number("max_ns", spread.maxNs());
    json.writeEndObject();
  }

  private void seq(long seq) throws IOException {
    json.writeStringField("seq", Long.toUnsignedString(seq));
  }

  private void number(String name, long value) throws IOException {
    json.writeStringField(name, Long.toString(value));
  }

  private void lines(String name, List<String> lines) throws IOException {
    json.writeArrayFieldStart(name);
    for (String line : lines) {
      json.writeString(line);
    }
    json.writeEndArray();
  }
}
