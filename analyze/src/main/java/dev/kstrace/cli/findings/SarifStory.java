package dev.kstrace.cli.findings;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.cli.text.Described;
import dev.kstrace.traces.TraceEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The calls of a finding as a code flow: one thread flow for each thread, as SARIF wants it, and
 * the order over all threads as {@code executionOrder}.
 */
final class SarifStory {
  private final JsonGenerator json;
  private final Place place;

  /** Writes the field {@code physicalLocation}. */
  interface Place {
    void write() throws IOException;
  }

  private record Step(int order, TraceEvent event) {}

  SarifStory(JsonGenerator json, Place place) {
    this.json = json;
    this.place = place;
  }

  /** Writes one code flow. */
  void write(List<TraceEvent> story, long blamed) throws IOException {
    Map<String, List<Step>> threads = new LinkedHashMap<>();
    for (int i = 0; i < story.size(); i++) {
      TraceEvent event = story.get(i);
      String thread =
          event.thread() == null
              ? "unknown thread"
              : "thread " + Integer.toUnsignedString(event.thread());
      threads.computeIfAbsent(thread, key -> new ArrayList<>()).add(new Step(i + 1, event));
    }
    json.writeStartObject();
    json.writeArrayFieldStart("threadFlows");
    for (Map.Entry<String, List<Step>> thread : threads.entrySet()) {
      json.writeStartObject();
      json.writeStringField("id", thread.getKey());
      json.writeArrayFieldStart("locations");
      for (Step step : thread.getValue()) {
        write(step, step.event.seq() == blamed);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void write(Step step, boolean blamed) throws IOException {
    json.writeStartObject();
    json.writeNumberField("executionOrder", step.order);
    json.writeStringField("importance", blamed ? "essential" : "important");
    json.writeObjectFieldStart("location");
    place.write();
    json.writeFieldName("message");
    SarifTool.described(json, Described.event(step.event).strip().replaceAll(" {2,}", "  "));
    json.writeEndObject();
    json.writeEndObject();
  }
}
