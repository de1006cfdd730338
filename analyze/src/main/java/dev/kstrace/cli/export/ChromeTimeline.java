package dev.kstrace.cli.export;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.cli.text.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * The Trace Event Format of Chrome: JSON, one event a line. It knows threads and nothing else, so
 * that a track which is none is given a number of its own, above those of threads that systems give
 * and below what readers take for one. What joins slices is left out.
 */
final class ChromeTimeline implements Timeline {
  private static final int PROCESS_ID = 1;
  private static final long NO_THREAD = 2_000_000_000L;

  private final JsonGenerator json;

  /**
   * Begins a trace.
   *
   * @param process what the tracks stand under
   */
  ChromeTimeline(PrintStream out, String process) throws IOException {
    json = Json.lines(out);
    json.writeRaw("{\"traceEvents\":[\n");
    json.writeStartObject();
    json.writeStringField("ph", "M");
    json.writeNumberField("pid", PROCESS_ID);
    metadata("process_name", process);
  }

  @Override
  public void track(Track track) throws IOException {
    if (track.kind() == Kind.COUNTER) {
      return; // its values say all
    }
    begin("M", track);
    metadata("thread_name", track.name());
    begin("M", track);
    json.writeStringField("name", "thread_sort_index");
    json.writeObjectFieldStart("args");
    json.writeNumberField("sort_index", track.id());
    json.writeEndObject();
    json.writeEndObject();
  }

  private void metadata(String name, String value) throws IOException {
    json.writeStringField("name", name);
    json.writeObjectFieldStart("args");
    json.writeStringField("name", value);
    json.writeEndObject();
    json.writeEndObject();
  }

  private void begin(String phase, Track track) throws IOException {
    json.writeRaw(",\n");
    json.writeStartObject();
    json.writeStringField("ph", phase);
    json.writeNumberField("pid", PROCESS_ID);
    json.writeNumberField(
        "tid", track.kind() == Kind.THREAD ? track.thread() : NO_THREAD + track.id());
  }

  @Override
  public void slice(
      Track track,
      String category,
      String name,
      long begin,
      @Nullable Long end,
      long flow,
      Args args)
      throws IOException {
    begin(end == null ? "B" : "X", track);
    time("ts", begin);
    if (end != null) {
      time("dur", end - begin);
    }
    described(category, name, args);
  }

  @Override
  public void instant(Track track, String category, String name, long time, long flow, Args args)
      throws IOException {
    begin("i", track);
    json.writeStringField("s", "t");
    time("ts", time);
    described(category, name, args);
  }

  private void described(String category, String name, Args args) throws IOException {
    json.writeStringField("cat", category);
    json.writeStringField("name", name);
    json.writeObjectFieldStart("args");
    for (Args.Arg arg : args.all()) {
      json.writeStringField(arg.name(), arg.value().toString());
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  @Override
  public void counter(Track track, long time, long value) throws IOException {
    begin("C", track);
    time("ts", time);
    json.writeStringField("name", track.name());
    json.writeObjectFieldStart("args");
    json.writeNumberField("value", value);
    json.writeEndObject();
    json.writeEndObject();
  }

  /** The format counts in microseconds; the fraction keeps every nanosecond. */
  private void time(String field, long ns) throws IOException {
    json.writeNumberField(field, BigDecimal.valueOf(ns, 3));
  }

  @Override
  public void finish() throws IOException {
    json.writeRaw("\n]}\n");
    json.flush();
  }
}
