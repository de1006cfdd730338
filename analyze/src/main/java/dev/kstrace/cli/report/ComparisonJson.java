package dev.kstrace.cli.report;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.FindingsDiff;
import dev.kstrace.analyze.FindingsDiff.Entry;
import dev.kstrace.analyze.PinMeasures.Quantity;
import dev.kstrace.analyze.TraceDiff;
import dev.kstrace.analyze.TraceDiff.Change;
import dev.kstrace.cli.text.Shown;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of one trace in another, as {@code diff} sees it. */
final class ComparisonJson {
  private final JsonGenerator json;
  private final int most;

  private ComparisonJson(JsonGenerator json, int most) {
    this.json = json;
    this.most = most;
  }

  /** Writes an object; {@code most} limits every list. */
  static void write(JsonGenerator json, Comparison comparison, int most) throws IOException {
    new ComparisonJson(json, most).write(comparison);
  }

  private void write(Comparison comparison) throws IOException {
    FindingsDiff findings = comparison.findings();
    TraceDiff diff = comparison.diff();
    json.writeStartObject();
    json.writeNumberField("before", comparison.before());
    json.writeNumberField("after", comparison.after());
    entries("added", findings.added());
    entries("fixed", findings.fixed());
    entries("remaining", findings.remaining());
    changes("events", diff.events());
    changes("measures", diff.pins());
    json.writeEndObject();
  }

  private void entries(String name, List<Entry> entries) throws IOException {
    json.writeNumberField(name + "Count", entries.stream().mapToLong(Entry::count).sum());
    json.writeArrayFieldStart(name);
    for (Entry entry : entries.subList(0, Math.min(most, entries.size()))) {
      Finding finding = entry.example();
      json.writeStartArray();
      json.writeString(finding.severity().label());
      json.writeString(finding.rule());
      json.writeNumber(entry.count());
      json.writeString(Long.toUnsignedString(finding.seq()));
      json.writeString(Shown.text(finding.message()));
      json.writeString(finding.fingerprint());
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private void changes(String name, List<Change> changes) throws IOException {
    json.writeArrayFieldStart(name);
    for (Change change : changes.subList(0, Math.min(most, changes.size()))) {
      Quantity quantity = change.quantity();
      json.writeStartArray();
      json.writeString(Shown.name(change.subject()));
      json.writeString(quantity == null ? "" : quantity.label());
      json.writeBoolean(quantity != null && quantity.isDuration());
      number(change.before());
      number(change.after());
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private void number(@Nullable Long value) throws IOException {
    if (value == null) {
      json.writeNull();
    } else {
      json.writeNumber(value);
    }
  }
}
