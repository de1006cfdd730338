package dev.kstrace.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.FindingsDiff;
import dev.kstrace.analyze.FindingsDiff.Entry;
import dev.kstrace.analyze.PinMeasures.Quantity;
import dev.kstrace.analyze.TraceDiff;
import dev.kstrace.analyze.TraceDiff.Change;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.cli.text.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The difference of two traces as JSON, schema {@code kstrace.diff/1}. Numbers of 64 bits are
 * strings; durations are in ns.
 */
final class DiffJson {
  private final JsonGenerator json;

  private DiffJson(JsonGenerator json) {
    this.json = json;
  }

  static void write(
      PrintStream out, TraceFacts before, TraceFacts after, FindingsDiff findings, TraceDiff diff)
      throws IOException {
    try (JsonGenerator json = Json.indented(out)) {
      new DiffJson(json).write(before, after, findings, diff);
      json.writeRaw('\n');
    }
  }

  private void write(TraceFacts before, TraceFacts after, FindingsDiff findings, TraceDiff diff)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("schema", "kstrace.diff/1");
    json.writeStringField("tool", Version.producer());
    trace("a", before);
    trace("b", after);
    json.writeObjectFieldStart("findings");
    findings("new", findings.added());
    findings("fixed", findings.fixed());
    findings("remaining", findings.remaining());
    json.writeEndObject();
    changes("events", "op", diff.events());
    changes("pins", "pin", diff.pins());
    json.writeEndObject();
  }

  private void trace(String name, TraceFacts facts) throws IOException {
    json.writeObjectFieldStart(name);
    json.writeStringField("path", facts.file().toString());
    json.writeStringField("events", Long.toString(facts.events()));
    json.writeEndObject();
  }

  private void findings(String name, List<Entry> entries) throws IOException {
    json.writeArrayFieldStart(name);
    for (Entry entry : entries) {
      Finding finding = entry.example();
      json.writeStartObject();
      json.writeStringField("rule", finding.rule());
      json.writeStringField("severity", finding.severity().label());
      json.writeStringField("fingerprint", finding.fingerprint());
      json.writeNumberField("count", entry.count());
      json.writeStringField("seq", Long.toUnsignedString(finding.seq()));
      json.writeStringField("message", finding.message());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void changes(String name, String key, List<Change> changes) throws IOException {
    json.writeArrayFieldStart(name);
    for (Change change : changes) {
      json.writeStartObject();
      json.writeStringField(key, change.subject());
      Quantity quantity = change.quantity();
      if (quantity != null) {
        json.writeStringField("what", quantity.label() + (quantity.isDuration() ? "_ns" : ""));
      }
      number("a", change.before());
      number("b", change.after());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void number(String name, @Nullable Long value) throws IOException {
    if (value == null) {
      json.writeNullField(name);
    } else {
      json.writeStringField(name, value.toString());
    }
  }
}
