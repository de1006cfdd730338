package dev.kstrace.cli.findings;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.Mark;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.analyze.triage.Baseline;
import dev.kstrace.analyze.triage.Suppression;
import dev.kstrace.analyze.triage.TriagedFinding;
import dev.kstrace.analyze.triage.TriagedFinding.Status;
import dev.kstrace.traces.Hex;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The fields of a trace and of a finding in JSON; 64-bit numbers are strings. */
public final class FindingObject {
  private FindingObject() {}

  /** Fields of a trace, within an object that the caller began. */
  static void writeTrace(JsonGenerator json, TraceFacts facts) throws IOException {
    json.writeStringField("path", facts.file().toString());
    json.writeStringField("events", Long.toString(facts.events()));
    json.writeBooleanField("complete_start", facts.metadata().completeStart());
    json.writeBooleanField("clean_end", facts.cleanEnd());
    json.writeStringField("lost", Long.toString(facts.lost()));
    optional(json, "test", facts.metadata().get(TraceMetadata.TEST));
  }

  /** Fields of a finding, within an object that the caller began. */
  public static void write(JsonGenerator json, TriagedFinding triaged) throws IOException {
    Finding finding = triaged.finding();
    json.writeStringField("rule", finding.rule());
    json.writeStringField("severity", finding.severity().label());
    json.writeStringField("certainty", finding.certain() ? "certain" : "possible");
    json.writeStringField("seq", Long.toUnsignedString(finding.seq()));
    json.writeArrayFieldStart("related_seqs");
    for (Long seq : finding.relatedSeqs()) {
      json.writeString(Long.toUnsignedString(seq));
    }
    json.writeEndArray();
    address(json, "pin", finding.pin());
    address(json, "context", finding.context());
    address(json, "frame", finding.frame());
    json.writeStringField("message", finding.message());
    json.writeStringField("fingerprint", finding.fingerprint());
    mark(json, finding.mark());
    if (triaged.status() != Status.NEW) {
      json.writeStringField("status", triaged.status().name().toLowerCase(Locale.ROOT));
    }
    Suppression suppression = triaged.suppression();
    if (suppression != null) {
      json.writeStringField("reason", suppression.reason());
    }
  }

  /** What was going on; no fields where the program did not say. */
  static void mark(JsonGenerator json, @Nullable Mark mark) throws IOException {
    optional(json, "mark", mark == null ? null : mark.text());
    optional(json, "test", mark == null ? null : mark.test());
  }

  private static void optional(JsonGenerator json, String name, @Nullable String value)
      throws IOException {
    if (value != null) {
      json.writeStringField(name, value);
    }
  }

  /** Fields of a bug that a baseline has, within an object that the caller began. */
  static void write(JsonGenerator json, Baseline.Entry entry) throws IOException {
    json.writeStringField("rule", entry.rule());
    json.writeStringField("severity", entry.severity().label());
    json.writeStringField("fingerprint", entry.fingerprint());
    json.writeStringField("count", Integer.toString(entry.count()));
  }

  /** Fields of a rule that does not apply, within an object that the caller began. */
  static void write(JsonGenerator json, Verdict.NotApplicable rule) throws IOException {
    json.writeStringField("rule", rule.rule());
    json.writeStringField("missing", rule.missing());
  }

  private static void address(JsonGenerator json, String name, @Nullable Long value)
      throws IOException {
    if (value == null) {
      json.writeNullField(name);
    } else {
      json.writeStringField(name, Hex.of(value));
    }
  }
}
