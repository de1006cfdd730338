package dev.kstrace.capture.etl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.capture.etl.EtlWriter.Descriptor;
import dev.kstrace.capture.etl.EtlWriter.Settings;
import dev.kstrace.capture.imports.KsAllocTraceSchema;
import dev.kstrace.capture.run.CPrograms;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ladder level T3, from the other side: the metadata and payloads that the C probe itself hands to
 * ETW, put into an .etl file and imported. {@code probe_etw.c} is what the driver does.
 */
final class T3ProbeEtlTest {
  @TempDir static Path folder;
  private static Path trace;
  private static List<String> lines;

  @BeforeAll
  static void recordAndImport() throws Exception {
    Path written = folder.resolve("events");
    Path program = CPrograms.compile(folder, "probe_etw.c");
    CPrograms.Result result = CPrograms.run(Map.of(), program.toString(), written.toString());
    assertThat(result.exitCode()).as(result.output()).isZero();

    Path etl = folder.resolve("probe.etl");
    trace = folder.resolve("probe.arrow");
    Settings settings = new Settings();
    settings.startTicks = 0;
    ByteBuffer events = ByteBuffer.wrap(Files.readAllBytes(written)).order(ByteOrder.LITTLE_ENDIAN);
    EtlWriter.write(etl, EtlWriter.buffers(settings, writer -> put(events, writer)));
    Session.run(etl, trace);
    lines = Session.text(trace).lines().toList();
  }

  /** Each event goes to one of two processors, as it would on a machine that has them. */
  private static void put(ByteBuffer events, EtlWriter writer) {
    for (int event = 0; events.hasRemaining(); event++) {
      long keyword = events.getLong();
      int level = events.get();
      int channel = events.get();
      long ticks = events.getLong();
      int parts = events.get();
      byte[] traits = null;
      byte[] schema = null;
      ByteArrayOutputStream payload = new ByteArrayOutputStream();
      for (int part = 0; part < parts; part++) {
        int type = events.get();
        byte[] bytes = new byte[events.getInt()];
        events.get(bytes);
        if (type == 2) {
          traits = bytes;
        } else if (type == 1) {
          schema = bytes;
        } else {
          payload.writeBytes(bytes);
        }
      }
      writer.event(
          event % 2,
          ticks,
          8,
          KsAllocTraceSchema.GUID,
          new Descriptor(0, 0, channel, level, 0, keyword),
          schema,
          traits,
          payload.toByteArray(),
          payload.size());
    }
  }

  private static long count(String op) {
    return lines.stream().filter(line -> line.matches("\\d+ " + op + " .*")).count();
  }

  @Test
  void givesEachCallOfTheDriver() {
    assertThat(count("initialize")).as("%s", lines.subList(0, 12)).isEqualTo(4);
    // Three that the driver made and ETW took, one NULL, one that stays, 2,100 of the other macro.
    assertThat(count("allocate")).isEqualTo(2 + 1 + 1 + 2100);
    assertThat(count("free")).isEqualTo(2 + 1 + 2100);
    assertThat(count("delete")).isEqualTo(3);
    assertThat(count("trace_end")).as(lines.get(lines.size() - 1)).isEqualTo(1);
  }

  @Test
  void keepsWhatTheStructureSays() {
    assertThat(lines)
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains(" initialize ")
                    .contains("status=STATUS_INSUFFICIENT_RESOURCES")
                    .contains("frames=4 size=691200 align=0xfff"))
        .anySatisfy(line -> assertThat(line).contains(" allocate ", " irql=2>? ", " frame=0x"))
        .anySatisfy(line -> assertThat(line).contains("\"driver\":\"probe_etw\""))
        .anySatisfy(line -> assertThat(line).contains("\"kind\":\"default_ex\""));
  }

  @Test
  void tellsTheEventThatTheSystemDidNotTake() throws IOException {
    assertThat(Session.loss(trace, "seq_gaps")).isEqualTo("1");
    assertThat(Session.loss(trace, "write_failed")).isEqualTo("1");
    assertThat(count("events_lost")).isEqualTo(1);
  }
}
