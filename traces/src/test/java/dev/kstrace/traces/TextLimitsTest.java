package dev.kstrace.traces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written can be read, however long its texts are. */
class TextLimitsTest {
  private static final int LONGEST = 1 << 24;

  @TempDir Path folder;

  private static TraceEvent mark(int seq, String text) {
    return TraceEvent.of(seq, Op.MARK, Layer.NONE, 0).detail(text).build();
  }

  @Test
  void refusesATextThatNoReaderWouldAccept() throws IOException {
    EventBatch batch = new EventBatch(1);
    batch.add(mark(7, "x".repeat(LONGEST + 1)));
    try (TraceWriter writer =
        TraceWriter.create(
            folder.resolve("a.arrow"), TraceMetadata.of(java.util.Map.of()), false)) {
      assertThatThrownBy(() -> writer.write(batch))
          .isInstanceOf(IOException.class)
          .hasMessage("the detail of seq 7 has 16777217 bytes, a trace holds at most 16 MiB");
    }
  }

  @Test
  void writesSeveralBatchesWhereTheTextsAreTooLongForOne() throws IOException {
    List<TraceEvent> events = new ArrayList<>();
    for (int seq = 0; seq < 6; seq++) {
      events.add(mark(seq, "x".repeat(seq == 3 ? LONGEST : LONGEST - seq)));
    }
    Path file = TraceFiles.write(folder.resolve("a.arrow"), events, 6);
    assertThat(TraceFiles.read(file, 6)).isEqualTo(events);
  }
}
