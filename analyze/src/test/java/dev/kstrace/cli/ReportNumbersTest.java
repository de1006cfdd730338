package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The numbers on a page are those that {@code query} gives. */
final class ReportNumbersTest {
  @TempDir Path folder;

  private List<String> rows(Cli cli, String sql) {
    Cli.Result result = cli.run("query", "--format", "csv", "@t.arrow", sql);
    assertThat(result.err()).isEmpty();
    List<String> lines = result.out().replace("\"", "").lines().toList();
    return lines.subList(1, lines.size());
  }

  private JsonNode trace(String profile, String fault, int frames) throws IOException {
    Cli cli = new Cli(folder);
    String line =
        "capture sim --profile %s%s --frames %d --seed 3 -q -o @t.arrow"
            .formatted(profile, fault.isEmpty() ? "" : " --fault " + fault, frames);
    assertThat(cli.run(line.split(" ", -1)).code()).isZero();
    assertThat(cli.run("report", "@t.arrow", "-o", "@page.html").code()).isZero();
    return ReportText.data(cli.file("page.html")).get("traces").get(0);
  }

  @ParameterizedTest
  @CsvSource({
    "mic-pcm-48k-10ms,double-free,300",
    "tvcap-uyvy-ntsc,skip-free,200",
    "cam-rgb24-vga,'',400",
  })
  void equalTheAnswersOfQuery(String profile, String fault, int frames) throws IOException {
    JsonNode trace = trace(profile, fault, frames);
    Cli cli = new Cli(folder);

    assertThat(list(trace.get("ops").properties()))
        .containsExactlyInAnyOrderElementsOf(
            rows(cli, "SELECT op, count(*) FROM events GROUP BY op"));
    assertThat(allocators(trace))
        .isEqualTo(
            rows(
                cli,
                "SELECT alloc_id, allocates, failed_allocates, frees, peak_live, frames"
                    + " FROM allocators ORDER BY alloc_id"));
    assertThat(peaks(trace))
        .isEqualTo(
            rows(
                cli,
                "SELECT alloc_id, max(live_after) FROM calls WHERE layer = 'callback'"
                    + " AND live_after <> live_before GROUP BY ALL ORDER BY ALL"));
    assertThat(threads(trace))
        .containsExactlyInAnyOrderElementsOf(
            rows(
                cli,
                "SELECT thread, count(*) FILTER (op = 'initialize'), count(*) FILTER (op ="
                    + " 'allocate'), count(*) FILTER (op = 'free'), count(*) FILTER (op ="
                    + " 'delete'), count(*) FILTER (op NOT IN ('initialize', 'allocate', 'free',"
                    + " 'delete')) FROM events GROUP BY thread"));
    assertThat(quantiles(trace, "lifetime"))
        .isEqualTo(rows(cli, quantiles("held_ns", "frames", "state = 'freed'")));
    assertThat(quantiles(trace, "allocate"))
        .isEqualTo(rows(cli, quantiles("duration_ns", "calls", "op = 'allocate'")));
    assertThat(quantiles(trace, "free"))
        .isEqualTo(rows(cli, quantiles("duration_ns", "calls", "op = 'free'")));
    assertThat(slots(trace))
        .containsExactlyInAnyOrderElementsOf(
            rows(
                cli,
                "SELECT alloc_id, hex(frame), count(*), max(range_bytes) FROM frames"
                    + " WHERE layer = 'callback' GROUP BY alloc_id, frame"));
    assertThat(findings(trace))
        .containsExactlyInAnyOrderElementsOf(
            rows(
                cli,
                "SELECT rule, f.seq, e.t_entry - t_first FROM findings f JOIN events e ON"
                    + " e.seq = f.seq, trace_info"));
    assertThat(rates(trace, "allocate"))
        .isEqualTo(rows(cli, "SELECT count(*) FROM calls WHERE op = 'allocate'").get(0));
  }

  private static String quantiles(String column, String table, String condition) {
    return ("SELECT coalesce(p.name, 'a pin without a name') AS pin, count(%1$s),"
            + " quantile_disc(%1$s, 0.5), quantile_disc(%1$s, 0.95), quantile_disc(%1$s, 0.99),"
            + " max(%1$s) FROM %2$s t LEFT JOIN pins p ON p.pin_id = t.pin_id WHERE layer ="
            + " 'callback' AND t.%3$s GROUP BY ALL ORDER BY ALL")
        .formatted(column, table, condition);
  }

  private static List<String> list(Set<Map.Entry<String, JsonNode>> all) {
    List<String> rows = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : all) {
      if (entry.getValue().asLong() > 0) {
        rows.add(entry.getKey() + "," + entry.getValue().asLong());
      }
    }
    return rows;
  }

  private static List<String> allocators(JsonNode trace) {
    List<String> rows = new ArrayList<>();
    for (JsonNode a : trace.get("allocators")) {
      rows.add(joined(a, "id", "allocates", "failed", "frees", "peak", "frames"));
    }
    return rows;
  }

  private static List<String> peaks(JsonNode trace) {
    List<String> rows = new ArrayList<>();
    for (JsonNode chart : trace.get("charts")) {
      int peak = 0;
      for (JsonNode value : chart.has("hi") ? chart.get("hi") : chart.get("v")) {
        peak = Math.max(peak, value.asInt());
      }
      if (chart.get("v").size() > 0) {
        rows.add(chart.get("id").asInt() + "," + peak);
      }
    }
    return rows;
  }

  private static List<String> threads(JsonNode trace) {
    List<String> rows = new ArrayList<>();
    for (JsonNode row : trace.get("threads")) {
      List<String> cells = new ArrayList<>();
      row.forEach(cell -> cells.add(cell.isNull() ? "" : cell.asText()));
      rows.add(String.join(",", cells));
    }
    return rows;
  }

  private static List<String> quantiles(JsonNode trace, String what) {
    List<String> rows = new ArrayList<>();
    for (JsonNode pin : trace.get("durations")) {
      if (!pin.get("pin").asText().isEmpty() && pin.has(what)) {
        rows.add(
            pin.get("pin").asText() + "," + joined(pin.get(what), "n", "p50", "p95", "p99", "max"));
      }
    }
    return rows;
  }

  private static List<String> slots(JsonNode trace) {
    List<String> rows = new ArrayList<>();
    for (JsonNode table : trace.get("slots")) {
      for (JsonNode slot : table.get("slots")) {
        rows.add(table.get("id").asText() + "," + joined(slot, "at", "frames", "bytes"));
      }
    }
    return rows;
  }

  private static List<String> findings(JsonNode trace) {
    List<String> rows = new ArrayList<>();
    for (JsonNode group : trace.get("groups")) {
      for (JsonNode finding : group.get("findings")) {
        rows.add(
            group.get("rule").asText()
                + ","
                + finding.get(0).asText()
                + ","
                + finding.get(1).asText());
      }
    }
    return rows;
  }

  private static String rates(JsonNode trace, String op) {
    long sum = 0;
    for (JsonNode count : trace.get("rates").get(op)) {
      sum += count.asLong();
    }
    return Long.toString(sum);
  }

  private static String joined(JsonNode node, String... fields) {
    List<String> values = new ArrayList<>();
    for (String field : fields) {
      values.add(node.get(field).asText());
    }
    return String.join(",", values);
  }
}
