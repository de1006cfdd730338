package dev.kstrace.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.analyze.explore.Problem;
import dev.kstrace.analyze.explore.Tried;
import dev.kstrace.cli.text.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What came of replaying other orders, for programs: schema {@code kstrace.explore/1}. */
final class ExploreReportJson {
  private final JsonGenerator json;

  private ExploreReportJson(JsonGenerator json) {
    this.json = json;
  }

  static void write(ExploreReport report, PrintStream out) throws IOException {
    try (JsonGenerator json = Json.indented(out)) {
      new ExploreReportJson(json).report(report);
    }
    out.println();
  }

  private void report(ExploreReport report) throws IOException {
    json.writeStartObject();
    json.writeStringField("schema", "kstrace.explore/1");
    json.writeStringField("target", report.target());
    json.writeStringField("events", Long.toString(report.events()));
    json.writeStringField("first_seed", Long.toString(report.firstSeed()));
    json.writeNumberField("orders", report.orders());
    json.writeNumberField("different", report.different());
    json.writeArrayFieldStart("caveats");
    for (String caveat : report.caveats()) {
      json.writeString(caveat);
    }
    json.writeEndArray();
    problems("recorded_order", report.recorded());
    json.writeArrayFieldStart("broken");
    for (Tried tried : report.broken()) {
      json.writeStartObject();
      json.writeStringField("seed", Long.toString(tried.seed()));
      json.writeStringField("way", tried.way().label());
      json.writeNumberField("letting_in", tried.letting());
      json.writeNumberField("short_of_memory", tried.failing());
      problems("problems", tried.problems());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void problems(String name, List<Problem> problems) throws IOException {
    json.writeArrayFieldStart(name);
    for (Problem problem : problems) {
      json.writeStartObject();
      json.writeStringField("kind", problem.kind().label());
      json.writeStringField("name", problem.name());
      json.writeStringField("text", problem.text());
      seq("seq", problem.seq());
      seq("recorded_seq", problem.recordedSeq());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void seq(String name, @Nullable Long seq) throws IOException {
    json.writeStringField(name, seq == null ? null : Long.toUnsignedString(seq));
  }
}
