package dev.kstrace.cli.findings;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.analyze.triage.Baseline;
import dev.kstrace.analyze.triage.TriagedFinding;
import dev.kstrace.analyze.triage.TriagedVerdict;
import dev.kstrace.cli.text.Json;
import java.io.IOException;
import java.nio.file.Path;

/** One JSON object, schema {@code kstrace.findings/1}. */
public final class FindingsJson implements FindingsFormat {
  private final JsonGenerator json;
  private final boolean withBaseline;

  /** Begins the object. */
  public FindingsJson(Setting setting) throws IOException {
    json = Json.indented(setting.out());
    withBaseline = setting.withBaseline();
    json.writeStartObject();
    json.writeStringField("schema", "kstrace.findings/1");
    json.writeStringField("tool", setting.tool());
    json.writeArrayFieldStart("traces");
  }

  @Override
  public void add(TriagedVerdict verdict) throws IOException {
    json.writeStartObject();
    FindingObject.writeTrace(json, verdict.facts());
    json.writeArrayFieldStart("findings");
    for (TriagedFinding finding : verdict.findings()) {
      json.writeStartObject();
      FindingObject.write(json, finding);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("not_applicable");
    for (Verdict.NotApplicable rule : verdict.verdict().notApplicable()) {
      json.writeStartObject();
      FindingObject.write(json, rule);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  @Override
  public void unreadable(Path file, String why) throws IOException {
    json.writeStartObject();
    json.writeStringField("path", file.toString());
    json.writeStringField("error", why);
    json.writeEndObject();
  }

  @Override
  public void end(Outcome outcome) throws IOException {
    json.writeEndArray();
    if (withBaseline) {
      json.writeArrayFieldStart("fixed");
      for (Baseline.Entry entry : outcome.fixed().entries()) {
        json.writeStartObject();
        FindingObject.write(json, entry);
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    json.writeEndObject();
    json.writeRaw('\n');
    json.close();
  }
}
