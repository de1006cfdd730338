package dev.kstrace.cli.findings;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.FindingGroup;
import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.Stories;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.analyze.triage.Baseline;
import dev.kstrace.analyze.triage.Suppression;
import dev.kstrace.analyze.triage.TriagedFinding;
import dev.kstrace.analyze.triage.TriagedFinding.Status;
import dev.kstrace.analyze.triage.TriagedVerdict;
import dev.kstrace.cli.text.Json;
import dev.kstrace.traces.Hex;
import dev.kstrace.traces.TraceEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * SARIF 2.1.0, one run. A trace is an artifact without lines, so a place is told by the trace, the
 * pin, allocator and frame (logical locations), and the calls of the story (code flow), which the
 * first finding of each group has.
 */
public final class FindingsSarif implements FindingsFormat {
  /** The name of the schema, from the standard's own pages. */
  static final String SCHEMA =
      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

  private static final String FINGERPRINT = "kstrace/v1";

  private final Setting setting;
  private final JsonGenerator json;
  private final List<Path> artifacts = new ArrayList<>();
  private final List<Notification> notifications = new ArrayList<>();

  /** Something that was left undone, or does not apply. */
  private record Notification(
      Severity severity, String text, @Nullable Path file, @Nullable String rule) {}

  /** Begins the log with the tool and its rules. */
  public FindingsSarif(Setting setting) throws IOException {
    this.setting = setting;
    json = Json.indented(setting.out());
    json.writeStartObject();
    json.writeStringField("$schema", SCHEMA);
    json.writeStringField("version", "2.1.0");
    json.writeArrayFieldStart("runs");
    json.writeStartObject();
    new SarifTool(json).write(setting);
    json.writeArrayFieldStart("results");
  }

  @Override
  public void add(TriagedVerdict verdict) throws IOException {
    TraceFacts facts = verdict.facts();
    int artifact = artifact(facts.file());
    List<Finding> told =
        FindingGroup.of(verdict.verdict().findings()).stream().map(FindingGroup::first).toList();
    Stories stories = Stories.of(facts, told);
    for (TriagedFinding triaged : verdict.findings()) {
      Finding finding = triaged.finding();
      begin(finding.rule(), finding.severity(), finding.message(), finding.fingerprint());
      locations(facts, artifact, finding);
      codeFlows(artifact, finding, stories.of(finding));
      state(triaged.status() == Status.KNOWN ? "unchanged" : "new");
      suppressions(triaged.suppression());
      properties(finding);
      json.writeEndObject();
    }
    for (Verdict.NotApplicable rule : verdict.verdict().notApplicable()) {
      String text = "the rule does not apply: it needs " + rule.missing();
      notifications.add(new Notification(Severity.INFO, text, facts.file(), rule.rule()));
    }
  }

  @Override
  public void unreadable(Path file, String why) {
    artifact(file);
    notifications.add(new Notification(Severity.ERROR, why, file, null));
  }

  private int artifact(Path file) {
    if (!artifacts.contains(file)) {
      artifacts.add(file);
    }
    return artifacts.indexOf(file);
  }

  private void begin(String rule, Severity severity, String message, String fingerprint)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("ruleId", rule);
    int index = setting.rules().stream().map(known -> known.id()).toList().indexOf(rule);
    if (index >= 0) {
      json.writeNumberField("ruleIndex", index);
    }
    json.writeStringField("level", SarifTool.level(severity));
    json.writeFieldName("message");
    SarifTool.message(json, message);
    json.writeObjectFieldStart("partialFingerprints");
    json.writeStringField(FINGERPRINT, fingerprint);
    json.writeEndObject();
  }

  private void locations(TraceFacts facts, int artifact, Finding finding) throws IOException {
    json.writeArrayFieldStart("locations");
    json.writeStartObject();
    physicalLocation(artifact);
    logicalLocations(facts, finding);
    json.writeEndObject();
    json.writeEndArray();
  }

  private void physicalLocation(int artifact) throws IOException {
    json.writeObjectFieldStart("physicalLocation");
    artifactLocation("artifactLocation", artifact);
    json.writeEndObject();
  }

  private void artifactLocation(String field, int artifact) throws IOException {
    json.writeObjectFieldStart(field);
    json.writeStringField("uri", ArtifactUri.of(artifacts.get(artifact)));
    json.writeNumberField("index", artifact);
    json.writeEndObject();
  }

  /** The pin, the allocator on it and the frame of it, each within the one before. */
  private void logicalLocations(TraceFacts facts, Finding finding) throws IOException {
    json.writeArrayFieldStart("logicalLocations");
    String path = "";
    if (finding.pin() != null) {
      String name = facts.pinName(finding);
      String pin = name == null ? Hex.of(finding.pin()) : SarifTool.plain(name);
      path = logicalLocation(path, "pin", pin);
    }
    if (finding.allocId() != null) {
      path = logicalLocation(path, "allocator", Long.toString(finding.allocId()));
    }
    if (finding.frame() != null) {
      path = logicalLocation(path, "frame", Hex.of(finding.frame()));
    }
    logicalLocation(path, "event", Long.toUnsignedString(finding.seq()));
    json.writeEndArray();
  }

  private String logicalLocation(String parent, String kind, String name) throws IOException {
    String path = (parent.isEmpty() ? "" : parent + "/") + kind + " " + name;
    json.writeStartObject();
    json.writeStringField("name", name);
    json.writeStringField("fullyQualifiedName", path);
    json.writeStringField("kind", kind);
    json.writeEndObject();
    return path;
  }

  private void codeFlows(int artifact, Finding finding, List<TraceEvent> story) throws IOException {
    if (!story.isEmpty()) {
      json.writeArrayFieldStart("codeFlows");
      new SarifStory(json, () -> physicalLocation(artifact)).write(story, finding.seq());
      json.writeEndArray();
    }
  }

  private void state(String state) throws IOException {
    if (setting.withBaseline()) {
      json.writeStringField("baselineState", state);
    }
  }

  private void suppressions(@Nullable Suppression suppression) throws IOException {
    json.writeArrayFieldStart("suppressions");
    if (suppression != null) {
      json.writeStartObject();
      json.writeStringField("kind", "external");
      json.writeStringField("status", "accepted");
      json.writeStringField("justification", SarifTool.plain(suppression.reason()));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void properties(Finding finding) throws IOException {
    json.writeObjectFieldStart("properties");
    json.writeStringField("certainty", finding.certain() ? "certain" : "possible");
    json.writeStringField("seq", Long.toUnsignedString(finding.seq()));
    FindingObject.mark(json, finding.mark());
    json.writeEndObject();
  }

  @Override
  public void end(Outcome outcome) throws IOException {
    for (Baseline.Entry entry : outcome.fixed().entries()) {
      String text = "no longer found, " + entry.count() + " of the baseline";
      begin(entry.rule(), entry.severity(), text, entry.fingerprint());
      state("absent");
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("artifacts");
    for (Path file : artifacts) {
      json.writeStartObject();
      json.writeObjectFieldStart("location");
      json.writeStringField("uri", ArtifactUri.of(file));
      json.writeEndObject();
      json.writeArrayFieldStart("roles");
      json.writeString("analysisTarget");
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    invocation(outcome);
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
    json.writeRaw('\n');
    json.close();
  }

  private void invocation(Outcome outcome) throws IOException {
    boolean successful =
        notifications.stream().noneMatch(one -> one.severity == Severity.ERROR)
            && outcome.notes().stream().noneMatch(note -> note.severity() == Severity.ERROR);
    json.writeArrayFieldStart("invocations");
    json.writeStartObject();
    json.writeBooleanField("executionSuccessful", successful);
    json.writeNumberField("exitCode", outcome.exitCode());
    json.writeArrayFieldStart("toolExecutionNotifications");
    for (Notification one : notifications) {
      notification(one);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("toolConfigurationNotifications");
    for (Outcome.Note note : outcome.notes()) {
      notification(new Notification(note.severity(), note.text(), null, null));
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndArray();
  }

  private void notification(Notification one) throws IOException {
    json.writeStartObject();
    json.writeStringField("level", SarifTool.level(one.severity));
    json.writeFieldName("message");
    SarifTool.message(json, one.text);
    if (one.rule != null) {
      json.writeObjectFieldStart("associatedRule");
      json.writeStringField("id", one.rule);
      json.writeEndObject();
    }
    if (one.file != null) {
      json.writeArrayFieldStart("locations");
      json.writeStartObject();
      physicalLocation(artifacts.indexOf(one.file));
      json.writeEndObject();
      json.writeEndArray();
    }
    json.writeEndObject();
  }
}
