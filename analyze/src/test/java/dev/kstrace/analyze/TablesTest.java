package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kstrace.analyze.TableDef.ColumnDef;
import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.Profile;
import dev.kstrace.capture.sim.SimOptions;
import dev.kstrace.capture.sim.SimulatedDevice;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The documented tables as SQL sees them. */
class TablesTest {
  @TempDir private static Path dir;

  private static Path file;
  private static TraceDatabase database;

  @BeforeAll
  static void attach() throws IOException, SQLException {
    file = dir.resolve("it's a trace.arrow");
    SimulatedDevice.record(
        SimOptions.of(Profile.UVC_MJPG_1080P)
            .withFrames(800)
            .withFaults(EnumSet.of(Fault.DOUBLE_FREE, Fault.NEVER_DELETE)),
        file,
        true);
    database = TraceDatabase.open();
    database.attach(List.of(TraceFacts.of(file)));
  }

  @AfterAll
  static void close() throws SQLException {
    if (database != null) {
      database.close();
    }
  }

  private static List<String> rows(TraceDatabase from, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = from.statement();
        ResultSet result = statement.executeQuery(sql)) {
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          values.add(String.valueOf(result.getObject(i)));
        }
        rows.add(String.join("|", values));
      }
    }
    return rows;
  }

  @Test
  void everyDocumentedColumnIsThereWithItsType() throws SQLException {
    for (TableDef table : Tables.ALL) {
      List<String> documented = new ArrayList<>();
      for (ColumnDef column : table.columns()) {
        documented.add(column.name() + "|" + column.type().shown());
        assertThat(column.doc()).as(table.name() + "." + column.name()).isNotBlank();
      }
      assertThat(
              rows(
                  database, "SELECT column_name, column_type FROM (DESCRIBE " + table.name() + ")"))
          .as(table.name())
          .isEqualTo(documented);
    }
  }

  @Test
  void nothingElseIsThere() throws SQLException {
    assertThat(rows(database, "SELECT view_name FROM duckdb_views() WHERE NOT internal"))
        .containsExactlyInAnyOrderElementsOf(Tables.ALL.stream().map(TableDef::name).toList());
  }

  @Test
  void eventsAreTheRowsOfTheFile() throws Exception {
    List<TraceEvent> events = Traces.read(file);
    assertThat(events).hasSizeGreaterThan(2048);
    List<String> expected = new ArrayList<>();
    for (TraceEvent e : events) {
      List<Object> values = new ArrayList<>();
      values.add(Long.toUnsignedString(e.seq()));
      values.add(TraceText.opLabel(e.op()));
      values.add(TraceText.layerLabel(e.layer()));
      values.add(e.tEntry());
      values.add(e.tExit());
      values.add(e.thread());
      values.add(e.irqlEntry());
      values.add(e.irqlExit());
      values.add(unsigned(e.pin()));
      values.add(unsigned(e.context()));
      values.add(unsigned(e.frame()));
      values.add(unsigned(e.size()));
      values.add(e.status());
      values.add(e.framing() == null ? null : e.framing().optionsFlags());
      values.add(e.framing() == null ? null : e.framing().poolType());
      values.add(e.framing() == null ? null : e.framing().frames());
      values.add(e.framing() == null ? null : e.framing().frameSize());
      values.add(e.framing() == null ? null : e.framing().fileAlignment());
      values.add(e.framing() == null ? null : e.framing().reserved());
      values.add(e.detail());
      expected.add(String.join("|", values.stream().map(String::valueOf).toList()));
    }
    StringBuilder columns = new StringBuilder();
    for (ColumnDef column : Tables.EVENTS.columns()) {
      columns.append(columns.isEmpty() ? "" : ", ").append(column.name()).append("::VARCHAR");
    }
    assertThat(rows(database, "SELECT " + columns + " FROM events ORDER BY seq"))
        .isEqualTo(expected);
  }

  private static String unsigned(Long value) {
    return value == null ? null : Long.toUnsignedString(value);
  }

  @Test
  void unusualValuesArriveAsTheyAre() throws Exception {
    Path odd =
        Traces.write(
            dir.resolve("odd.arrow"),
            """
            18446744073709551614 op#77 layer#9 t=-5 thread=4294967295 irql=0>255 \
            frame=0xffffffffffffffff
            18446744073709551615 initialize t=1..2 pin=0x0 context=0x0 status=0xffffffff \
            framing={options=0xffffffff pool=0xffffffff frames=4294967295 size=4294967295 \
            align=0xffffffff reserved=0xffffffff}
            """);
    try (TraceDatabase other = TraceDatabase.open()) {
      other.attach(List.of(TraceFacts.of(odd)));
      assertThat(
              rows(
                  other,
                  "SELECT seq, op, layer, t_entry, t_exit, thread, irql_entry, irql_exit, frame, pin"
                      + " FROM events LIMIT 1"))
          .containsExactly(
              "18446744073709551614|op#77|layer#9|-5|null|4294967295|0|255"
                  + "|18446744073709551615|null");
      assertThat(
              rows(
                  other,
                  "SELECT seq, status, context, options_flags, pool_type, frames, frame_size,"
                      + " file_alignment, reserved FROM events WHERE op = 'initialize'"))
          .containsExactly(
              "18446744073709551615|-1|0|4294967295|4294967295|4294967295|4294967295|4294967295"
                  + "|4294967295");
    }
  }

  @Test
  void largeTablesAnswerCountsLimitsAndSelfJoins() throws Exception {
    TraceFacts facts = TraceFacts.of(file);
    long calls =
        facts.events(Op.INITIALIZE)
            + facts.events(Op.ALLOCATE)
            + facts.events(Op.FREE)
            + facts.events(Op.DELETE);
    String callCount = Long.toString(calls);
    assertThat(database.value("SELECT count(*) FROM events"))
        .isEqualTo(Long.toString(facts.events()));
    assertThat(database.value("SELECT count(*) FROM calls")).isEqualTo(callCount);
    assertThat(database.value("SELECT count(DISTINCT frame_id) FROM frames"))
        .isEqualTo(database.value("SELECT count(*) FROM frames"))
        .isEqualTo(database.value("SELECT sum(allocates) FROM allocators"));
    assertThat(rows(database, "SELECT seq FROM calls LIMIT 3")).hasSize(3);
    assertThat(rows(database, "SELECT seq FROM events LIMIT 3 OFFSET 2050")).hasSize(3);
    assertThat(database.value("SELECT count(*) FROM calls a JOIN calls b USING (seq)"))
        .isEqualTo(callCount);
    assertThat(
            database.value(
                "SELECT count(*) FROM frames a JOIN frames b ON a.frame_id = b.frame_id"
                    + " JOIN calls c ON c.seq = b.allocate_seq"))
        .isEqualTo(database.value("SELECT count(*) FROM frames"));
    assertThat(
            database.value(
                "SELECT count(*) FROM events e JOIN calls c USING (seq) WHERE e.op = c.op"
                    + " AND e.t_entry = c.t_entry"))
        .isEqualTo(callCount);
  }

  @Test
  void smallTablesArePartOfTheLargeOnes() throws SQLException {
    String columns =
        String.join(", ", Tables.CALLS.columns().stream().map(ColumnDef::name).toList());
    assertThat(rows(database, "SELECT " + columns + " FROM suspects ORDER BY seq"))
        .isNotEmpty()
        .isSubsetOf(rows(database, "SELECT " + columns + " FROM calls"));
    assertThat(rows(database, "SELECT * FROM unfreed_frames ORDER BY frame_id"))
        .isEqualTo(rows(database, "SELECT * FROM frames WHERE state <> 'freed' ORDER BY frame_id"));
  }

  @Test
  void severalTracesAreToldApartByTheirName() throws Exception {
    Path second = Traces.write(dir.resolve("second.arrow"), "1 mark\n2 trace_end\n");
    try (TraceDatabase both = TraceDatabase.open()) {
      both.attach(List.of(TraceFacts.of(file), TraceFacts.of(second)));
      assertThat(rows(both, "SELECT trace, clean_end FROM trace_info ORDER BY events"))
          .containsExactly(second + "|true", file + "|true");
      assertThat(both.value("SELECT count(*) FROM events WHERE trace = '" + second + "'"))
          .isEqualTo("2");
      for (TableDef table : Tables.ALL) {
        assertThat(both.value("SELECT column_name FROM (DESCRIBE " + table.name() + ") LIMIT 1"))
            .isEqualTo("trace");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd.csv'",
        "SELECT * FROM glob('/*')",
        "COPY trace_info TO '%s/out.csv'",
        "ATTACH '%s/out.db'",
        "EXPORT DATABASE '%s/out'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "RESET enable_external_access"
      })
  void sqlReachesNoFilesAndNoNetwork(String sql) {
    String statement = String.format(Locale.ROOT, sql, dir);
    assertThatThrownBy(() -> database.execute(statement))
        .isInstanceOf(SQLException.class)
        .message()
        .containsAnyOf("disabled", "configuration has been locked", "Permission", "Cannot change");
    assertThat(dir.resolve("out.csv")).doesNotExist();
    assertThat(dir.resolve("out.db")).doesNotExist();
    assertThat(dir.resolve("out")).doesNotExist();
  }

  @Test
  void aFileThatGoesAwayIsAnErrorOfTheQuery() throws Exception {
    Path gone = Traces.write(dir.resolve("gone.arrow"), "1 mark\n2 trace_end\n");
    try (TraceDatabase other = TraceDatabase.open()) {
      other.attach(List.of(TraceFacts.of(gone)));
      Files.delete(gone);
      assertThat(other.value("SELECT events FROM trace_info")).isEqualTo("2");
      assertThatThrownBy(() -> other.value("SELECT count(*) FROM events"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("gone.arrow");
    }
  }

  @Test
  void labelsCoverEveryOperationAndLayer() throws Exception {
    StringBuilder text = new StringBuilder();
    int seq = 0;
    for (Op op : Op.values()) {
      for (Layer layer : Layer.values()) {
        seq++;
        text.append(seq).append(' ').append(op.label()).append(' ').append(layer.label());
        text.append('\n');
      }
    }
    Path all = Traces.write(dir.resolve("all.arrow"), text.toString());
    try (TraceDatabase other = TraceDatabase.open()) {
      other.attach(List.of(TraceFacts.of(all)));
      assertThat(rows(other, "SELECT seq || ' ' || op || ' ' || layer FROM events ORDER BY seq"))
          .isEqualTo(text.toString().lines().toList());
    }
  }
}
