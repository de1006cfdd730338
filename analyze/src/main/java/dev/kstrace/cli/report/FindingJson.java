package dev.kstrace.cli.report;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.FindingGroup;
import dev.kstrace.analyze.Mark;
import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.RulePack;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.report.Detail;
import dev.kstrace.cli.text.Described;
import dev.kstrace.cli.text.Shown;
import dev.kstrace.traces.Irql;
import dev.kstrace.traces.Nanos;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.util.List;

/** Findings, in the groups of {@code check}: one card each, the first finding told in full. */
final class FindingJson {
  private static final int ROWS_OF_A_CARD = 100;

  private final JsonGenerator json;
  private final Told told;
  private final NextSteps next;

  private FindingJson(JsonGenerator json, Told told) {
    this.json = json;
    this.told = told;
    next = new NextSteps(told.facts().file(), told.facts().metadata());
  }

  /** Writes the fields of a trace's object that are about findings. */
  static void write(JsonGenerator json, Told told, Detail detail) throws IOException {
    FindingJson findings = new FindingJson(json, told);
    json.writeNumberField("groupCount", told.groups().size());
    json.writeNumberField("findingCount", told.verdict().findings().size());
    json.writeArrayFieldStart("groups");
    int left = detail.rows();
    int cards = Math.max(1, detail.rows() / 10);
    for (FindingGroup group : told.groups().subList(0, Math.min(cards, told.groups().size()))) {
      left -= findings.group(group, Math.max(1, Math.min(left, ROWS_OF_A_CARD)));
    }
    json.writeEndArray();
  }

  private int group(FindingGroup group, int most) throws IOException {
    Finding first = group.first();
    Rule rule = RulePack.named(first.rule(), told.rules());
    json.writeStartObject();
    json.writeStringField("rule", first.rule());
    json.writeStringField("severity", first.severity().label());
    json.writeBooleanField("certain", first.certain());
    json.writeNumberField("count", group.size());
    json.writeStringField("fingerprint", first.fingerprint());
    TraceFacts.AllocatorSummary allocator = told.facts().allocator(first);
    if (allocator != null) {
      json.writeStringField(
          "framing",
          allocator.framing() == null ? "framing unknown" : Described.framing(allocator.framing()));
    }
    String pin = told.facts().pinName(first);
    if (pin != null) {
      json.writeStringField("pin", Shown.name(pin));
    }
    Mark mark = first.mark();
    if (mark != null) {
      json.writeStringField("mark", Shown.text(mark.label()));
    }
    json.writeStringField("why", rule.why());
    json.writeStringField("advice", rule.fix());
    json.writeStringField("source", rule.source());
    if (rule.page() != null) {
      json.writeStringField("page", rule.page());
    }
    json.writeStringField("explain", next.explain(first));
    json.writeStringField("sql", next.sql(first));
    json.writeStringField("query", next.query(first));
    if (!rule.basis().equals("recorder")) { // no allocator shows again what a recorder did
      json.writeStringField("replay", next.replay());
      json.writeStringField("minimize", next.minimize(first));
    }
    List<Finding> shown = group.findings().subList(0, Math.min(most, group.size()));
    findings(shown);
    story(first);
    json.writeEndObject();
    return shown.size();
  }

  private void findings(List<Finding> findings) throws IOException {
    json.writeArrayFieldStart("findings");
    for (Finding finding : findings) {
      json.writeStartArray();
      json.writeString(Long.toUnsignedString(finding.seq()));
      Long time = told.overview().time(finding);
      json.writeNumber(time == null ? -1 : time);
      json.writeNumber(finding.allocId() == null ? 0 : finding.allocId());
      json.writeString(Shown.text(finding.message()));
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private void story(Finding finding) throws IOException {
    json.writeArrayFieldStart("story");
    for (TraceEvent event : told.stories().of(finding)) {
      json.writeStartObject();
      json.writeStringField("seq", Long.toUnsignedString(event.seq()));
      json.writeNumberField("t", told.overview().since(event.tEntry()));
      if (event.tExit() != null) {
        json.writeNumberField("took", Nanos.between(event.tEntry(), event.tExit()));
      }
      if (event.thread() != null) {
        json.writeNumberField("thread", Integer.toUnsignedLong(event.thread()));
      }
      if (event.irqlEntry() != null) {
        json.writeStringField("irql", Irql.format(event.irqlEntry()));
      }
      json.writeStringField("op", TraceText.opLabel(event.op()));
      json.writeStringField("what", Shown.text(Described.what(event)));
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
