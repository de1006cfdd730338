package dev.kstrace.cli.report;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.analyze.report.Detail;
import dev.kstrace.analyze.report.Durations;
import dev.kstrace.analyze.report.Overview;
import dev.kstrace.cli.text.Shown;
import java.io.IOException;
import java.util.Map;

/** How long frames were held and calls took, pin by pin. */
final class DurationsJson {
  private DurationsJson() {}

  /** Writes the field of a trace's object. */
  static void write(JsonGenerator json, Overview overview, Detail detail) throws IOException {
    json.writeArrayFieldStart("durations");
    int left = Math.max(1, detail.rows() / 8);
    for (Map.Entry<String, Overview.PinTimes> pin : overview.times().entrySet()) {
      if (left-- == 0) {
        break;
      }
      json.writeStartObject();
      json.writeStringField("pin", Shown.name(pin.getKey()));
      write(json, "lifetime", pin.getValue().lifetimes());
      write(json, "allocate", pin.getValue().allocates());
      write(json, "free", pin.getValue().frees());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void write(JsonGenerator json, String name, Durations durations)
      throws IOException {
    if (durations.size() == 0) {
      return;
    }
    json.writeObjectFieldStart(name);
    json.writeNumberField("n", durations.size());
    json.writeNumberField("p50", durations.quantile(50));
    json.writeNumberField("p95", durations.quantile(95));
    json.writeNumberField("p99", durations.quantile(99));
    json.writeNumberField("max", durations.quantile(100));
    int[] bins = durations.bins();
    int first = 0;
    int end = bins.length;
    while (bins[first] == 0) {
      first++;
    }
    while (bins[end - 1] == 0) {
      end--;
    }
    json.writeNumberField("first", first);
    json.writeFieldName("bins");
    json.writeArray(bins, first, end - first);
    json.writeEndObject();
  }
}
