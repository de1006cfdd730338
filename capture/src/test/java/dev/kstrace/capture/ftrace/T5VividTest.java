package dev.kstrace.capture.ftrace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.capture.Shared;
import dev.kstrace.capture.Traces;
import dev.kstrace.capture.imports.ImportOptions;
import dev.kstrace.capture.imports.ImportReport;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Ladder level T5: a running Linux kernel's virtual camera, 4 and then 8 buffers. */
class T5VividTest {
  @TempDir Path folder;

  @Test
  void twelveFramesOfTwoAllocatorsComeAndGo() throws IOException {
    Path trace = folder.resolve("vivid.arrow");
    ImportReport report =
        FtraceImport.run(
            Shared.file("ftrace/vivid-ftrace.txt"),
            trace,
            new ImportOptions(false, false, "test"),
            ReadProgress.NONE);
    List<TraceEvent> events = Traces.read(trace);
    assertThat(counts(events))
        .containsEntry(Op.INITIALIZE.code(), 2L)
        .containsEntry(Op.ALLOCATE.code(), 12L)
        .containsEntry(Op.FREE.code(), 12L)
        .containsEntry(Op.DELETE.code(), 2L)
        .containsEntry(Op.MARK.code(), 12L + 4 * 102 + 2 * 90)
        .containsEntry(Op.TRACE_END.code(), 1L);
    assertThat(events.stream().filter(event -> event.framing() != null).map(TraceEvent::framing))
        .containsExactly(new Framing(0, 0, 4, 0x71000, 0, 0), new Framing(0, 0, 8, 0x71000, 0, 0));
    assertThat(report.calls()).isEqualTo(28);
    assertThat(report.notes()).isEmpty();
    TraceEvent first = events.get(1);
    assertThat(first.op()).isEqualTo(Op.ALLOCATE.code());
    assertThat(first.tExit() - first.tEntry()).isEqualTo(1_442_000);
    assertThat(first.size()).isEqualTo(0x71000);
    assertThat(first.detail())
        .isEqualTo("{\"mem\":\"0xff2ac9fb42606a80\",\"vb\":\"0xff2ac9fb42d42c00\"}");
  }

  private static Map<Integer, Long> counts(List<TraceEvent> events) {
    return events.stream().collect(Collectors.groupingBy(TraceEvent::op, Collectors.counting()));
  }

  /** What {@code capture/src/test/vivid/record.sh} recorded, named by {@code -Dkstrace.vivid}. */
  @Test
  @EnabledIfSystemProperty(named = "kstrace.vivid", matches = ".+")
  void aRecordingMadeAnewShowsTheSame() throws IOException {
    Path trace = folder.resolve("anew.arrow");
    FtraceImport.run(
        Path.of(System.getProperty("kstrace.vivid")),
        trace,
        new ImportOptions(false, false, "test"),
        ReadProgress.NONE);
    assertThat(counts(Traces.read(trace)))
        .containsEntry(Op.INITIALIZE.code(), 2L)
        .containsEntry(Op.ALLOCATE.code(), 12L)
        .containsEntry(Op.FREE.code(), 12L)
        .containsEntry(Op.DELETE.code(), 2L)
        .containsEntry(Op.TRACE_END.code(), 1L);
  }
}
