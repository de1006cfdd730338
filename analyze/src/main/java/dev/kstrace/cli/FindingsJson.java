package dev.kstrace.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.cli.text.Json;
import dev.kstrace.traces.Hex;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Findings as JSON, schema {@code kstrace.findings/1}. 64-bit numbers are strings. */
final class FindingsJson implements Closeable {
  private final JsonGenerator json;

  FindingsJson(PrintStream out) throws IOException {
    json = Json.indented(out);
    json.writeStartObject();
    json.writeStringField("schema", "kstrace.findings/1");
    json.writeStringField("tool", Version.producer());
    json.writeArrayFieldStart("traces");
  }

  /** Adds one trace. */
  void add(Verdict verdict) throws IOException {
    TraceFacts facts = verdict.facts();
    json.writeStartObject();
    json.writeStringField("path", facts.file().toString());
    json.writeStringField("events", Long.toString(facts.events()));
    json.writeBooleanField("complete_start", facts.metadata().completeStart());
    json.writeBooleanField("clean_end", facts.cleanEnd());
    json.writeStringField("lost", Long.toString(facts.lost()));
    json.writeArrayFieldStart("findings");
    for (Finding finding : verdict.findings()) {
      add(finding);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("not_applicable");
    for (Verdict.NotApplicable rule : verdict.notApplicable()) {
      json.writeStartObject();
      json.writeStringField("rule", rule.rule());
      json.writeStringField("missing", rule.missing());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** Adds a file that could not be judged. */
  void unreadable(Path file, String why) throws IOException {
    json.writeStartObject();
    json.writeStringField("path", file.toString());
    json.writeStringField("error", why);
    json.writeEndObject();
  }

  private void add(Finding finding) throws IOException {
    json.writeStartObject();
    json.writeStringField("rule", finding.rule());
    json.writeStringField("severity", finding.severity().label());
    json.writeStringField("certainty", finding.certain() ? "certain" : "possible");
    json.writeStringField("seq", Long.toUnsignedString(finding.seq()));
    json.writeArrayFieldStart("related_seqs");
    for (Long seq : finding.relatedSeqs()) {
      json.writeString(Long.toUnsignedString(seq));
    }
    json.writeEndArray();
    address("pin", finding.pin());
    address("context", finding.context());
    address("frame", finding.frame());
    json.writeStringField("message", finding.message());
    json.writeStringField("fingerprint", finding.fingerprint());
    json.writeEndObject();
  }

  private void address(String name, @Nullable Long value) throws IOException {
    if (value == null) {
      json.writeNullField(name);
    } else {
      json.writeStringField(name, Hex.of(value));
    }
  }

  @Override
  public void close() throws IOException {
    json.writeEndArray();
    json.writeEndObject();
    json.writeRaw('\n');
    json.close();
  }
}
