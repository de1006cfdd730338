package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code export --format perfetto} as Perfetto's own trace processor reads it. */
final class ExportPerfettoTest {
  private static final String STORY =
      """
      @kstrace.complete_start=true
      1 pin_create t=0 pin=0x10 detail={"name":"capture"}
      2 initialize t=10..20 thread=7 irql=0 pin=0x10 context=0x20 status=STATUS_SUCCESS \
      framing={pool=NonPagedPool frames=2 size=4096 align=0x3f}
      3 pin_state t=30 pin=0x10 detail={"from":0,"to":1}
      4 mark t=40 detail={"text":"begin of test"}
      5 allocate t=100..110 thread=7 irql=0>0 context=0x20 frame=0x10000 size=4096
      6 allocate t=120..130 thread=8 irql=2>2 context=0x20 frame=0xffff900000010000 size=4096
      9 free t=200..210 thread=8 irql=0>0 context=0x20 frame=0x10000
      10 free t=220..230 thread=8 irql=0>0 context=0x20 frame=0x10000
      11 pin_state t=300 pin=0x10 detail={"from":1,"to":0}
      12 delete t=400..410 thread=7 irql=0>0 context=0x20
      13 pin_close t=500 pin=0x10
      14 trace_end t=600
      """;

  private static final String SLICES =
      "SELECT t.name, s.name, s.ts, s.dur FROM slice s JOIN track t ON t.id = s.track_id ";
  private static final String ERRORS =
      "SELECT name, value FROM stats WHERE severity IN ('error', 'data_loss') AND value > 0";

  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() {
    cli = new Cli(folder);
  }

  private Path export(String trace) {
    assertThat(cli.run("export", "@" + trace, "--format", "perfetto", "-o", "@out.pftrace").all())
        .isEqualTo("exit 0\n");
    return cli.file("out.pftrace");
  }

  @Test
  void tellsWhatHappened() throws Exception {
    TestReaders.modules();
    Samples.write(cli.file("t.arrow"), STORY);
    List<List<List<String>>> answers =
        TestReaders.perfetto(
            export("t.arrow"),
            "SELECT p.name, th.name, th.tid FROM thread th JOIN process p USING (upid)"
                + " WHERE th.name IS NOT NULL ORDER BY th.tid",
            "SELECT th.tid, s.name, s.category, s.ts, s.dur FROM slice s JOIN thread_track t ON"
                + " t.id = s.track_id JOIN thread th USING (utid) ORDER BY s.ts",
            SLICES
                + "WHERE s.category IN ('pin', 'allocator', 'frame', 'loss') ORDER BY s.ts, s.id",
            "SELECT t.name, c.ts, c.value FROM counter c JOIN track t ON t.id = c.track_id"
                + " ORDER BY t.name, c.ts, c.id",
            SLICES + "WHERE s.category IN ('error', 'warning', 'mark') ORDER BY s.ts, s.name",
            "SELECT a.key, coalesce(a.string_value, a.int_value) FROM slice s JOIN args a USING (arg_set_id)"
                + " WHERE s.name = 'double-free' ORDER BY a.key",
            "SELECT o.name, o.ts, i.name, i.ts FROM flow f JOIN slice o ON o.id = f.slice_out"
                + " JOIN slice i ON i.id = f.slice_in ORDER BY f.id",
            ERRORS);

    assertThat(answers.get(0))
        .containsExactly(
            List.of("kernel streaming", "thread", "7"), List.of("kernel streaming", "thread", "8"));
    assertThat(answers.get(1))
        .containsExactly(
            List.of("7", "initialize", "callback", "10", "10"),
            List.of("7", "allocate", "callback", "100", "10"),
            List.of("8", "allocate", "callback", "120", "10"),
            List.of("8", "free", "callback", "200", "10"),
            List.of("8", "free", "callback", "220", "10"),
            List.of("7", "delete", "callback", "400", "10"));
    assertThat(answers.get(2))
        .containsExactly(
            List.of("pin #1 capture", "KSSTATE_STOP", "0", "30"),
            List.of("allocators", "allocator #1", "20", "380"),
            List.of("pin #1 capture", "KSSTATE_ACQUIRE", "30", "270"),
            List.of("allocator #1, frames", "0x10000", "110", "90"),
            List.of("losses", "hole in seq", "130", "70"),
            List.of("allocator #1, frames", "0xffff900000010000", "130", "-1"),
            List.of("pin #1 capture", "KSSTATE_STOP", "300", "200"));
    assertThat(answers.get(3))
        .containsExactly(
            List.of("allocator #1, frames out", "20", "0"),
            List.of("allocator #1, frames out", "110", "1"),
            List.of("allocator #1, frames out", "130", "2"),
            List.of("allocator #1, frames out", "200", "1"),
            List.of("allocator #1, limit", "20", "2"),
            List.of("allocator #1, limit", "400", "0"));
    assertThat(answers.get(4))
        .contains(List.of("marks", "begin of test", "40", "0"))
        .anyMatch(row -> row.get(1).equals("double-free") && row.get(2).equals("220"));
    assertThat(answers.get(5))
        .contains(
            List.of("debug.allocator", "1"),
            List.of("debug.frame", "0x10000"),
            List.of("debug.seq", "10"),
            List.of("debug.severity", "error"))
        .anyMatch(row -> row.get(0).equals("debug.message") && row.get(1).contains("freed again"));
    assertThat(answers.get(6))
        .contains(
            List.of("allocate", "100", "0x10000", "110"), List.of("0x10000", "110", "free", "200"));
    assertThat(answers.get(7)).isEmpty();
  }

  @Test
  void keepsCallsThatOverlapApart() throws Exception {
    TestReaders.modules();
    Samples.write(
        cli.file("t.arrow"),
        """
        @kstrace.complete_start=true
        1 initialize t=0..10 thread=7 context=0x20 status=STATUS_SUCCESS framing={frames=9 size=64}
        2 allocate t=100..200 thread=7 context=0x20 frame=0x1000
        3 allocate t=150..250 thread=7 context=0x20 frame=0x2000
        4 allocate t=300..290 thread=7 context=0x20 frame=0x3000
        5 free t=50 thread=7 context=0x20 frame=0x1000
        6 free t=-40 context=0x20 frame=0x2000
        7 trace_end t=900
        """);

    List<List<List<String>>> answers =
        TestReaders.perfetto(
            export("t.arrow"),
            "SELECT s.ts, s.dur, s.name, s.depth FROM slice s WHERE s.category = 'callback'"
                + " ORDER BY s.ts",
            ERRORS);

    // All moved by 40 ns, since no viewer knows a time before zero.
    assertThat(answers.get(0))
        .containsExactly(
            List.of("0", "0", "free", "0"),
            List.of("40", "10", "initialize", "0"),
            List.of("90", "0", "free", "0"),
            List.of("140", "100", "allocate", "0"),
            List.of("190", "100", "allocate", "0"),
            List.of("340", "0", "allocate", "0"));
    assertThat(answers.get(1)).isEmpty();
  }

  @Test
  void isReadableWhateverATraceHolds() throws Exception {
    TestReaders.modules();
    writeHostile();

    List<List<List<String>>> answers =
        TestReaders.perfetto(
            export("t.arrow"),
            "SELECT count(*) FROM slice WHERE category = 'callback'",
            "SELECT count(*) FROM slice WHERE category = 'mark'");

    assertThat(answers.get(0).get(0).get(0)).isEqualTo(count("calls WHERE layer = 'callback'"));
    assertThat(answers.get(1).get(0).get(0)).isEqualTo(count("marks"));
  }

  private void writeHostile() throws IOException {
    EventBatch batch = new EventBatch(1000);
    HostileFiles.hostileEvents().forEach(batch::add);
    Path trace = cli.file("t.arrow");
    try (TraceWriter writer = TraceWriter.create(trace, HostileFiles.hostileMetadata(), false)) {
      writer.write(batch);
    }
  }

  private String count(String table) {
    String csv =
        cli.run("query", "@t.arrow", "SELECT count(*) FROM " + table, "--format", "csv").out();
    return csv.lines().skip(1).findFirst().orElseThrow();
  }

  @Test
  void givesTheSameBytes() throws IOException {
    cli.run("capture", "sim", "--profile", "cam-photo-yuy2-vga", "-o", "@t.arrow");
    for (String format : List.of("perfetto", "chrome")) {
      cli.run("export", "@t.arrow", "--format", format, "-o", "@one-" + format);
      cli.run("export", "@t.arrow", "--format", format, "-o", "@two-" + format);

      assertThat(cli.file("one-" + format)).hasSameBinaryContentAs(cli.file("two-" + format));
    }
  }

  @Test
  void chromeTellsTheSame() throws Exception {
    TestReaders.modules();
    Samples.write(cli.file("t.arrow"), STORY);
    assertThat(cli.run("export", "@t.arrow", "--format", "chrome", "-o", "@out.json").all())
        .isEqualTo("exit 0\n");
    // Where a track is a thread, so are the slices of all kinds.
    String sql = "SELECT s.name, s.ts, s.dur, s.category FROM slice s ORDER BY s.ts, s.name, s.id";
    String counters =
        "SELECT replace(t.name, ' value', ''), c.ts, c.value FROM counter c JOIN track t"
            + " ON t.id = c.track_id ORDER BY 1, c.ts, c.id";

    assertThat(TestReaders.perfetto(cli.file("out.json"), sql, counters, ERRORS))
        .isEqualTo(TestReaders.perfetto(export("t.arrow"), sql, counters, ERRORS));
  }

  @Test
  void chromeIsJsonWhateverATraceHolds() throws Exception {
    writeHostile();

    cli.run("export", "@t.arrow", "--format", "chrome", "-o", "@out.json");

    JsonNode events = new ObjectMapper().readTree(cli.file("out.json").toFile()).get("traceEvents");
    assertThat(events).hasSizeGreaterThan(10);
    assertThat(Files.readString(cli.file("out.json"))).doesNotContain("\u001b", "\u202e");
  }
}
