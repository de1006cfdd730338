package dev.kstrace.cli.report;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.analyze.Timeline.AllocatorLife;
import dev.kstrace.analyze.report.Detail;
import dev.kstrace.analyze.report.Overview;
import dev.kstrace.analyze.report.StepSeries;
import dev.kstrace.cli.text.Shown;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Hex;
import dev.kstrace.traces.PoolType;
import java.io.IOException;
import java.util.List;

/** Allocators: the table of all, and the outstanding frames of those that are drawn. */
final class AllocatorJson {
  private final JsonGenerator json;
  private final Overview overview;

  private AllocatorJson(JsonGenerator json, Overview overview) {
    this.json = json;
    this.overview = overview;
  }

  /** Writes the fields of a trace's object that are about allocators. */
  static void write(JsonGenerator json, Overview overview, Detail detail) throws IOException {
    AllocatorJson all = new AllocatorJson(json, overview);
    all.table(detail.rows());
    all.charts();
  }

  private void table(int most) throws IOException {
    List<AllocatorLife> lives = overview.timeline().allocators();
    json.writeNumberField("initializeCount", lives.size());
    json.writeArrayFieldStart("allocators");
    for (AllocatorLife life : lives.subList(0, Math.min(most, lives.size()))) {
      row(life);
    }
    json.writeEndArray();
  }

  private void row(AllocatorLife life) throws IOException {
    json.writeStartObject();
    json.writeNumberField("id", life.allocId());
    identity(life);
    json.writeStringField("seq", Long.toUnsignedString(life.seq()));
    json.writeBooleanField("created", life.created());
    Framing framing = life.framing();
    if (framing != null) {
      json.writeStringField("pool", PoolType.format(framing.poolType()));
      json.writeNumberField("frameSize", framing.frameBytes());
      json.writeStringField(
          framing.isTwoDimensional() ? "pitch" : "align",
          framing.isTwoDimensional()
              ? Integer.toString(framing.fileAlignment())
              : Hex.of(Integer.toUnsignedLong(framing.fileAlignment())));
    }
    json.writeNumberField("allocates", life.allocates());
    json.writeNumberField("failed", life.failedAllocates());
    json.writeNumberField("frees", life.frees());
    json.writeNumberField("peak", life.peak());
    json.writeNumberField("unfreed", life.unfreed());
    json.writeEndObject();
  }

  /** Whose an allocator is, from when to when, and its limit. */
  private void identity(AllocatorLife life) throws IOException {
    json.writeStringField("pin", Shown.name(life.pinName()));
    json.writeNumberField("pinId", life.pinId() == null ? 0 : life.pinId());
    json.writeNumberField("from", overview.since(life.timeNs()));
    json.writeNumberField("to", life.deleteNs() == null ? -1 : overview.since(life.deleteNs()));
    json.writeNumberField("frames", life.framing() == null ? 0 : life.framing().frameLimit());
  }

  private void charts() throws IOException {
    json.writeArrayFieldStart("charts");
    for (Overview.Chart chart : overview.charts()) {
      json.writeStartObject();
      json.writeNumberField("id", chart.allocator().allocId());
      identity(chart.allocator());
      json.writeNumberField("peak", chart.allocator().peak());
      Overview.Crossing crossing = chart.crossing();
      if (crossing != null) {
        json.writeNumberField("crossing", crossing.time());
        json.writeStringField("crossingSeq", Long.toUnsignedString(crossing.seq()));
      }
      points(chart.outstanding());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Times as differences; least and greatest only where one of them is not the last value. */
  private void points(StepSeries series) throws IOException {
    json.writeNumberField("width", series.widthNs());
    json.writeArrayFieldStart("t");
    long previous = 0;
    boolean plain = true;
    for (int i = 0; i < series.size(); i++) {
      json.writeNumber(series.at(i) - previous);
      previous = series.at(i);
      plain &= series.low(i) == series.high(i);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("v");
    for (int i = 0; i < series.size(); i++) {
      json.writeNumber(series.last(i));
    }
    json.writeEndArray();
    if (!plain) {
      json.writeArrayFieldStart("lo");
      for (int i = 0; i < series.size(); i++) {
        json.writeNumber(series.low(i));
      }
      json.writeEndArray();
      json.writeArrayFieldStart("hi");
      for (int i = 0; i < series.size(); i++) {
        json.writeNumber(series.high(i));
      }
      json.writeEndArray();
    }
  }
}
