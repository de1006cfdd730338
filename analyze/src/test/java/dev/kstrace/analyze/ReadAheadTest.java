package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.MalformedTraceException;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ReadAheadTest {
  /** Enough for a trace that is read ahead, of several batches. */
  private static final int EVENTS = 100_000;

  @TempDir static Path dir;
  private static Path large;

  @BeforeAll
  static void write() throws IOException {
    large = dir.resolve("large.arrow");
    LargeTraceGenerator.write(large, LargeTraceGenerator.Shape.STREAMING, EVENTS, 1);
  }

  @Test
  void givesTheRowsOfTheTraceInOrder() throws IOException {
    assertThat(rows(large)).isEqualTo(Traces.read(large)).hasSize(EVENTS);
  }

  @Test
  void reportsDamageBehindTheRowsBeforeIt() throws IOException {
    Path damaged = dir.resolve("damaged.arrow");
    Files.copy(large, damaged);
    try (FileChannel channel = FileChannel.open(damaged, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), Files.size(damaged) / 2);
    }
    List<TraceEvent> before = new ArrayList<>();
    assertThatThrownBy(() -> read(damaged, before))
        .isInstanceOf(MalformedTraceException.class)
        .hasMessageContaining("is damaged in batch 3")
        .hasMessageContaining("the checksum is wrong");
    assertThat(before).isEqualTo(Traces.read(large).subList(0, before.size())).isNotEmpty();
  }

  @Test
  void saysThatAFileBecameShorterWhileItWasRead() throws IOException {
    Path shrinking = dir.resolve("shrinking.arrow");
    Files.copy(large, shrinking);
    try (TraceReader trace = TraceReader.open(shrinking)) {
      try (FileChannel channel = FileChannel.open(shrinking, StandardOpenOption.WRITE)) {
        channel.truncate(Files.size(shrinking) / 2);
      }
      assertThatThrownBy(
              () -> {
                try (ReadAhead batches = new ReadAhead(trace)) {
                  while (batches.next() != null) {
                    // up to where the file ends now
                  }
                }
              })
          .isInstanceOf(MalformedTraceException.class)
          .hasMessageContaining("became shorter while it was read");
    }
  }

  @Test
  void canBeClosedBeforeTheEnd() throws IOException {
    try (TraceReader trace = TraceReader.open(large);
        ReadAhead batches = new ReadAhead(trace)) {
      assertThat(batches.next()).isNotNull();
    }
  }

  private static List<TraceEvent> rows(Path file) throws IOException {
    List<TraceEvent> rows = new ArrayList<>();
    read(file, rows);
    return rows;
  }

  private static void read(Path file, List<TraceEvent> rows) throws IOException {
    try (TraceReader trace = TraceReader.open(file);
        ReadAhead batches = new ReadAhead(trace)) {
      for (PreparedBatch next = batches.next(); next != null; next = batches.next()) {
        EventBatch batch = next.events();
        for (int row = 0; row < batch.rows(); row++) {
          rows.add(batch.event(row));
        }
      }
      assertThat(batches.next()).as("behind the end").isNull();
    }
  }
}
