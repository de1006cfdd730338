package dev.kstrace.capture.etl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.capture.Shared;
import dev.kstrace.capture.etl.EtlRecord.Kind;
import dev.kstrace.capture.imports.LossLedger;
import dev.kstrace.traces.ReadProgress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Ladder level T4: files that Windows wrote. The counts come from an independent scanner; none of
 * the files has events of kernel streaming.
 */
class T4RealEtlTest {
  @ParameterizedTest
  @CsvSource({
    "krabsetw_powershell,           26,  112,    2,    0,  0, 10000000",
    "perfview_gcevents,              5,   69,    2,    0,  0, 10000000",
    "perfview_gcrundownevents,       2,  110,    2,    0,  0, 10000000",
    "perfview_SelfDescribingSingleEvent, 3, 1,   4,    0, 18, 10000000",
    "tx_HTTP_Server,                36, 2041,    1,    0,  0,  1818300",
    "tx_KernelNetwork,             129, 8923,    1,    0,  0,  2994853",
    "airbus_ShutdownPerfDiagLogger, 49,    0, 8433, 8645,  0, 10000000"
  })
  void countsWhatAnIndependentScannerCounts(
      String name, int buffers, long events, long system, long perfInfo, long classic, long hertz)
      throws IOException {
    Path file = Shared.file("etl/" + name + ".etl");
    LossLedger losses = new LossLedger();
    try (EtlReader reader = EtlReader.open(file, losses)) {
      EtlSummary summary = EtlSummary.of(reader, ReadProgress.NONE);
      assertThat(reader.buffers()).isEqualTo(buffers);
      assertThat(summary.count(Kind.EVENT)).isEqualTo(events);
      assertThat(summary.count(Kind.SYSTEM)).isEqualTo(system);
      assertThat(summary.count(Kind.PERFINFO)).isEqualTo(perfInfo);
      assertThat(summary.count(Kind.CLASSIC)).isEqualTo(classic);
      assertThat(reader.records()).isEqualTo(events + system + perfInfo + classic);
      assertThat(reader.clock().label()).isEqualTo("qpc:" + hertz);
      assertThat(reader.bytesRead()).isEqualTo(reader.fileBytes());
      assertThat(losses.phrases()).isEmpty();
      assertThat(summary.damagedSchemas()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "krabsetw_powershell",
    "tx_HTTP_Server",
    "tx_KernelNetwork",
    "airbus_ShutdownPerfDiagLogger"
  })
  void mergesProcessorsInTheOrderOfTime(String name) throws IOException {
    Path file = Shared.file("etl/" + name + ".etl");
    try (EtlReader reader = EtlReader.open(file, new LossLedger())) {
      long inversions = 0;
      long last = Long.MIN_VALUE;
      while (reader.next()) {
        inversions += reader.record().ticks() < last ? 1 : 0;
        last = reader.record().ticks();
      }
      assertThat(inversions).isZero();
    }
  }

  @Test
  void countsTheGroupsOfTheKernelLogger() throws IOException {
    Path file = Shared.file("etl/airbus_ShutdownPerfDiagLogger.etl");
    long[] groups = new long[256];
    try (EtlReader reader = EtlReader.open(file, new LossLedger())) {
      while (reader.next()) {
        groups[reader.record().group()]++;
      }
    }
    assertThat(groups[0x14]).isEqualTo(13_683);
    assertThat(groups[0x05]).isEqualTo(3_058);
    assertThat(groups[0x03]).isEqualTo(328);
    assertThat(groups[0x00]).isEqualTo(9);
  }

  @Test
  void decodesTheNestedStructOfASelfDescribingEvent() throws IOException {
    Path file = Shared.file("etl/perfview_SelfDescribingSingleEvent.etl");
    List<String> fields = new ArrayList<>();
    try (EtlReader reader = EtlReader.open(file, new LossLedger())) {
      EventDecoder decoder = new EventDecoder();
      while (reader.next()) {
        if (reader.record().hasSchema()) {
          fields.add(decoder.providerName(reader.record()) + " " + reader.record().provider());
          fields.add(decoder.eventName(reader.record()));
          assertThat(decoder.visit(reader.record(), new TextVisitor(fields))).isTrue();
        }
      }
    }
    assertThat(fields)
        .containsExactly(
            "MySource a61ea624-4944-55fc-c2a8-37838829438d",
            "TestEvent",
            "a {",
            "b=Hello",
            "c=World!",
            "}");
  }
}
