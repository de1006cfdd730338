package dev.kstrace.cli.findings;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.analyze.triage.Baseline;
import dev.kstrace.analyze.triage.TriagedFinding;
import dev.kstrace.analyze.triage.TriagedVerdict;
import dev.kstrace.cli.text.Json;
import java.io.IOException;
import java.nio.file.Path;

/**
 * One JSON object on a line for each trace, finding and rule that does not apply; {@code type} says
 * which it is. A reader needs no more than one line at a time.
 */
public final class FindingsNdjson implements FindingsFormat {
  private final JsonGenerator json;

  /** Writes nothing yet. */
  public FindingsNdjson(Setting setting) throws IOException {
    json = Json.lines(setting.out());
  }

  @Override
  public void add(TriagedVerdict verdict) throws IOException {
    String path = verdict.facts().file().toString();
    begin("trace");
    FindingObject.writeTrace(json, verdict.facts());
    end();
    for (TriagedFinding finding : verdict.findings()) {
      begin("finding");
      json.writeStringField("path", path);
      FindingObject.write(json, finding);
      end();
    }
    for (Verdict.NotApplicable rule : verdict.verdict().notApplicable()) {
      begin("not_applicable");
      json.writeStringField("path", path);
      FindingObject.write(json, rule);
      end();
    }
    json.flush();
  }

  @Override
  public void unreadable(Path file, String why) throws IOException {
    begin("error");
    json.writeStringField("path", file.toString());
    json.writeStringField("error", why);
    end();
  }

  @Override
  public void end(Outcome outcome) throws IOException {
    for (Baseline.Entry entry : outcome.fixed().entries()) {
      begin("fixed");
      FindingObject.write(json, entry);
      end();
    }
    json.close();
  }

  private void begin(String type) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", type);
  }

  private void end() throws IOException {
    json.writeEndObject();
    json.writeRaw('\n');
  }
}
