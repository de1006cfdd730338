package dev.kstrace.cli.report;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.Timeline;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.analyze.report.Detail;
import dev.kstrace.analyze.report.Overview;
import dev.kstrace.analyze.report.Rates;
import dev.kstrace.analyze.report.ThreadCounts;
import dev.kstrace.cli.text.Shown;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One trace as the page's script takes it. Times and durations are in ns, times since the begin of
 * the trace; {@code seq} and addresses are strings; what a trace says is escaped and cut.
 */
final class ReportJson {
  private final JsonGenerator json;
  private final Told told;
  private final TraceFacts facts;
  private final Overview overview;
  private final Detail detail;

  private ReportJson(JsonGenerator json, Told told, Detail detail) {
    this.json = json;
    this.told = told;
    facts = told.facts();
    overview = told.overview();
    this.detail = detail;
  }

  /** Writes the object of a trace. */
  static void write(JsonGenerator json, Told told, Detail detail) throws IOException {
    new ReportJson(json, told, detail).write();
  }

  private void write() throws IOException {
    json.writeStartObject();
    head();
    metadata();
    time();
    AllocatorJson.write(json, overview, detail);
    pins();
    FindingJson.write(json, told, detail);
    notApplicable();
    rates();
    threads();
    DurationsJson.write(json, overview, detail);
    SlotsJson.write(json, overview, detail);
    json.writeEndObject();
  }

  private void head() throws IOException {
    VerdictSentence verdict = VerdictSentence.of(told);
    json.writeStringField("name", Shown.name(String.valueOf(facts.file().getFileName())));
    json.writeStringField("headline", verdict.headline());
    json.writeStringField("lead", verdict.lead());
    for (Severity severity : Severity.values()) {
      json.writeNumberField(severity.label(), told.verdict().count(severity));
    }
    json.writeNumberField("events", facts.events());
    json.writeNumberField("pinCount", facts.pinInstances());
    json.writeNumberField("allocatorCount", facts.allocatorsMade());
    json.writeNumberField("duration", overview.durationNs());
    json.writeBooleanField("completeStart", facts.metadata().completeStart());
    json.writeBooleanField("cleanEnd", facts.cleanEnd());
    json.writeNumberField("liveAtEnd", facts.liveAtEnd());
    json.writeNumberField("lost", facts.lost());
    json.writeBooleanField("lostUnknown", facts.lostUnknown());
    text("origin", facts.metadata().get(TraceMetadata.ORIGIN));
    text("producer", facts.metadata().get(TraceMetadata.PRODUCER));
    text("device", facts.metadata().get("kstrace.device"));
    text("profile", facts.metadata().get("kstrace.profile"));
    json.writeObjectFieldStart("ops");
    for (Op op : Op.values()) {
      json.writeNumberField(op.label(), facts.events(op));
    }
    json.writeNumberField("unknown", facts.unknownEvents());
    json.writeEndObject();
  }

  private void text(String field, @Nullable String fromTrace) throws IOException {
    if (fromTrace != null) {
      json.writeStringField(field, Shown.name(fromTrace));
    }
  }

  private void metadata() throws IOException {
    Map<String, String> values = facts.metadata().values();
    json.writeArrayFieldStart("metadata");
    int left = detail.rows();
    for (Map.Entry<String, String> entry : values.entrySet()) {
      if (left-- == 0) {
        break;
      }
      json.writeStartArray();
      json.writeString(Shown.name(entry.getKey()));
      json.writeString(Shown.text(entry.getValue()));
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeNumberField("metadataCount", values.size());
  }

  private void time() throws IOException {
    List<Timeline.Mark> marks = overview.timeline().marks();
    json.writeNumberField("markCount", marks.size());
    json.writeArrayFieldStart("marks");
    for (Timeline.Mark mark : marks.subList(0, Math.min(detail.rows(), marks.size()))) {
      json.writeStartArray();
      json.writeNumber(overview.since(mark.timeNs()));
      json.writeString(mark.text() == null ? "mark" : Shown.name(mark.text()));
      json.writeString(Long.toUnsignedString(mark.seq()));
      json.writeEndArray();
    }
    json.writeEndArray();
    List<Overview.Gap> gaps = overview.gaps();
    json.writeNumberField("gapCount", gaps.size());
    json.writeArrayFieldStart("gaps");
    for (Overview.Gap gap : gaps.subList(0, Math.min(detail.rows(), gaps.size()))) {
      json.writeStartArray();
      json.writeNumber(gap.from());
      json.writeNumber(gap.to());
      Long count = gap.loss().count();
      if (count == null) {
        json.writeNull();
      } else {
        json.writeNumber(count);
      }
      json.writeString(Shown.name(gap.loss().cause()));
      json.writeString(Long.toUnsignedString(gap.loss().seq()));
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private void pins() throws IOException {
    List<Timeline.PinLife> pins = overview.timeline().pins();
    json.writeArrayFieldStart("pins");
    for (Timeline.PinLife pin : pins.subList(0, Math.min(detail.rows(), pins.size()))) {
      json.writeStartArray();
      json.writeNumber(pin.pinId());
      json.writeString(Shown.name(pin.name()));
      json.writeNumber(overview.since(pin.createNs()));
      json.writeNumber(pin.closeNs() == null ? -1 : overview.since(pin.closeNs()));
      json.writeBoolean(pin.created());
      json.writeEndArray();
    }
    json.writeEndArray();
    List<Timeline.Step> steps = overview.timeline().steps();
    json.writeNumberField("stepCount", steps.size());
    json.writeArrayFieldStart("steps");
    int most = 4 * detail.rows();
    for (Timeline.Step step : steps.subList(0, Math.min(most, steps.size()))) {
      if (step.pinId() != null && step.to() != null) {
        json.writeStartArray();
        json.writeNumber(step.pinId());
        json.writeNumber(overview.since(step.timeNs()));
        json.writeNumber(step.to());
        json.writeEndArray();
      }
    }
    json.writeEndArray();
  }

  private void notApplicable() throws IOException {
    json.writeArrayFieldStart("notApplicable");
    for (Verdict.NotApplicable rule : told.verdict().notApplicable()) {
      json.writeStartArray();
      json.writeString(rule.rule());
      json.writeString(rule.missing());
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private void rates() throws IOException {
    Rates rates = overview.rates();
    json.writeObjectFieldStart("rates");
    json.writeNumberField("width", rates.widthNs());
    for (Op op : new Op[] {Op.INITIALIZE, Op.ALLOCATE, Op.FREE, Op.DELETE}) {
      int[] counts = rates.counts(op);
      int used = counts.length;
      while (used > 0 && counts[used - 1] == 0) {
        used--;
      }
      json.writeFieldName(op.label());
      json.writeArray(counts, 0, used);
    }
    json.writeEndObject();
  }

  private void threads() throws IOException {
    List<ThreadCounts.Counts> threads = overview.threads();
    json.writeNumberField("threadCount", threads.size());
    json.writeArrayFieldStart("threads");
    int most = Math.min(detail.rows() / 4, threads.size());
    for (ThreadCounts.Counts counts : threads.subList(0, most)) {
      json.writeStartArray();
      if (counts.thread() == null) {
        json.writeNull();
      } else {
        json.writeNumber(counts.thread());
      }
      for (int op = Op.INITIALIZE.code(); op <= ThreadCounts.OTHER; op++) {
        json.writeNumber(counts.events().get(op));
      }
      json.writeEndArray();
    }
    json.writeEndArray();
  }
}
