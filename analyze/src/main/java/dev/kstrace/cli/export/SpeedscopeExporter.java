package dev.kstrace.cli.export;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.analyze.Query;
import dev.kstrace.analyze.triage.Judging;
import dev.kstrace.cli.text.Json;
import dev.kstrace.traces.Place;
import dev.kstrace.traces.ReadProgress;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The frames that are live at one moment as a profile for speedscope: pin, below it the allocator,
 * below it the thread that allocated.
 */
public final class SpeedscopeExporter implements Exporter {
  private final @Nullable Place at;
  private final Weight weight;

  /** What makes a box wide. */
  public enum Weight {
    /** How many frames. */
    FRAMES("frames", "none"),
    /** How many bytes; a frame whose size is not known has none. */
    BYTES("bytes", "bytes");

    private final String noun;
    private final String unit;

    Weight(String noun, String unit) {
      this.noun = noun;
      this.unit = unit;
    }
  }

  /**
   * An exporter for one moment.
   *
   * @param at the moment, its event included; null = when the weight was greatest, the first time
   */
  public SpeedscopeExporter(@Nullable Place at, Weight weight) {
    this.at = at;
    this.weight = weight;
  }

  /** A box at the lowest level. */
  private record Group(List<Integer> path, long weight) {}

  @Override
  public void write(Path trace, Judging judging, Path target, ReadProgress progress)
      throws IOException, SQLException {
    Long seq = at == null ? null : at.lastSeq(trace);
    if (at != null && seq == null) {
      throw new IllegalExportException(trace + " has no event at or before " + at);
    }
    try (Query query = Query.open(List.of(trace), progress)) {
      Rows rows = new Rows(query);
      Long moment = seq == null ? LivePeak.find(rows, weight == Weight.BYTES) : seq;
      Map<String, Integer> names = new LinkedHashMap<>();
      List<Group> groups = moment == null ? List.of() : groups(rows, moment, names);
      String when = at == null ? "peak" : at.toString();
      String title =
          "live " + weight.noun + ", " + when + (moment == null ? "" : " (seq " + moment + ")");
      OutputStreams.write(
          target,
          out -> {
            try (JsonGenerator json = Json.indented(out)) {
              write(json, title, names, groups);
              json.writeRaw('\n');
            }
          });
    }
  }

  private List<Group> groups(Rows rows, long seq, Map<String, Integer> names)
      throws SQLException, IOException {
    List<Group> groups = new ArrayList<>();
    rows.each(
        """
        SELECT f.pin_id, coalesce(p.name, 'type ' || p.factory_id, hex(p.pin)), f.alloc_id,
          f.allocate_thread, count(*),
          least(coalesce(sum(f.range_bytes), 0), 1::BIGINT << 50)
        FROM frames f LEFT JOIN pins p ON p.pin_id = f.pin_id
        WHERE f.layer = 'callback' AND f.allocate_seq <= $1
          AND (f.free_seq IS NULL OR f.free_seq > $1)
        GROUP BY ALL ORDER BY f.pin_id NULLS LAST, f.alloc_id, f.allocate_thread NULLS LAST"""
            .replace("$1", Long.toUnsignedString(seq)),
        row -> {
          Long pin = row.number(1);
          Long thread = row.number(4);
          List<Integer> path = new ArrayList<>();
          path.add(index(names, pin == null ? "no pin" : "pin #" + pin + " " + row.text(2)));
          path.add(index(names, "allocator #" + row.number(3)));
          path.add(index(names, thread == null ? "no thread" : "thread " + thread));
          groups.add(new Group(path, row.known(weight == Weight.FRAMES ? 5 : 6)));
        });
    return groups;
  }

  private static int index(Map<String, Integer> names, String name) {
    return names.computeIfAbsent(name, key -> names.size());
  }

  private void write(
      JsonGenerator json, String title, Map<String, Integer> names, List<Group> groups)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("$schema", "https://www.speedscope.app/file-format-schema.json");
    json.writeStringField("exporter", "kstrace");
    json.writeStringField("name", title);
    json.writeNumberField("activeProfileIndex", 0);
    json.writeObjectFieldStart("shared");
    json.writeArrayFieldStart("frames");
    for (String name : names.keySet()) {
      json.writeStartObject();
      json.writeStringField("name", name);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeArrayFieldStart("profiles");
    json.writeStartObject();
    json.writeStringField("type", "sampled");
    json.writeStringField("name", title);
    json.writeStringField("unit", weight.unit);
    json.writeNumberField("startValue", 0);
    json.writeNumberField("endValue", groups.stream().mapToLong(Group::weight).sum());
    json.writeArrayFieldStart("samples");
    for (Group group : groups) {
      json.writeArray(group.path().stream().mapToInt(Integer::intValue).toArray(), 0, 3);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("weights");
    for (Group group : groups) {
      json.writeNumber(group.weight());
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
  }
}
