package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kstrace.capture.sim.Profile;
import dev.kstrace.capture.sim.SimOptions;
import dev.kstrace.capture.sim.SimulatedDevice;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.MalformedTraceException;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading a trace while it is written. */
final class TraceWatchTest {
  @TempDir Path folder;
  private Path whole;
  private List<TraceEvent> events;

  @BeforeEach
  void record() throws IOException {
    whole = folder.resolve("whole.arrow");
    SimOptions options = SimOptions.of(Profile.MIC_PCM_48K_10MS);
    SimulatedDevice.record(options, whole, SimulatedDevice.recording(options));
    events = Traces.read(whole);
  }

  private static void advance(TraceWatch watch) throws IOException {
    assertThat(watch.advance(() -> true, ReadProgress.NONE)).isTrue();
  }

  @Test
  void stopsWhereItIsNotToGoOn() throws IOException {
    SimOptions options = SimOptions.of(Profile.BDA_TS_50).withFrames(5_000);
    Path large = folder.resolve("large.arrow");
    SimulatedDevice.record(options, large, SimulatedDevice.recording(options));
    try (TraceWatch watch = TraceWatch.open(large)) {
      long before = 0;
      boolean caughtUp = false;
      while (!caughtUp) {
        caughtUp = watch.advance(() -> false, ReadProgress.NONE);
        assertThat(watch.events()).isBetween(before + (caughtUp ? 0 : 1), before + 2_048);
        assertThat(!caughtUp || watch.isComplete()).isTrue();
        before = watch.events();
      }
      assertThat(before).isGreaterThan(8_192).isEqualTo(Traces.read(large).size());
    }
  }

  /** Frames that are out by context, counted without a tracker. */
  private static Map<Long, Integer> outstanding(List<TraceEvent> events) {
    Map<Long, Integer> out = new HashMap<>();
    for (TraceEvent event : events) {
      Long context = event.context();
      if (context == null) {
        continue;
      }
      if (event.op() == Op.INITIALIZE.code() || event.op() == Op.DELETE.code()) {
        out.put(context, 0);
      } else if (event.op() == Op.FREE.code()) {
        out.merge(context, -1, Integer::sum);
      } else if (event.frame() != null && event.frame() != 0) {
        out.merge(context, 1, Integer::sum);
      }
    }
    return out;
  }

  @Test
  void knowsTheStateAfterEveryBatch() throws IOException {
    Path growing = folder.resolve("growing.arrow");
    try (TraceReader source = TraceReader.open(whole)) {
      TraceWriter writer = TraceWriter.create(growing, source.metadata(), false);
      try (TraceWatch watch = TraceWatch.open(growing)) {
        for (int from = 0; from < events.size(); from += 50) {
          int to = Math.min(from + 50, events.size());
          EventBatch batch = new EventBatch(50);
          events.subList(from, to).forEach(batch::add);
          writer.write(batch);
          advance(watch);
          assertThat(watch.events()).isEqualTo(to);
          assertThat(watch.isComplete()).isFalse();
          compare(watch, outstanding(events.subList(0, to)));
        }
        writer.close();
        advance(watch);
        assertThat(watch.isComplete()).isTrue();
        assertThat(watch.events()).isEqualTo(events.size());
      }
    }
  }

  private static void compare(TraceWatch watch, Map<Long, Integer> expected) {
    List<TraceWatch.Row> live = watch.rows().stream().filter(row -> !row.deleted()).toList();
    assertThat(live.stream().mapToInt(TraceWatch.Row::outstanding).sum())
        .isEqualTo(expected.values().stream().mapToInt(Integer::intValue).sum());
    assertThat(live)
        .allSatisfy(row -> assertThat(row.oldestNs() == null).isEqualTo(row.outstanding() == 0));
  }

  @Test
  void waitsWhereAWholeBatchEnds() throws IOException {
    byte[] bytes = Files.readAllBytes(whole);
    Path growing = folder.resolve("growing.arrow");
    long seen = 0;
    try (FileChannel out =
        FileChannel.open(growing, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      int first = 16 << 10; // the schema is written in one piece, before anything can be seen
      out.write(java.nio.ByteBuffer.wrap(bytes, 0, first));
      try (TraceWatch watch = TraceWatch.open(growing)) {
        for (int at = first; at < bytes.length; at += 97) {
          advance(watch);
          assertThat(watch.events()).isGreaterThanOrEqualTo(seen);
          seen = watch.events();
          assertThat(watch.isComplete() && seen < events.size()).isFalse();
          out.write(java.nio.ByteBuffer.wrap(bytes, at, Math.min(97, bytes.length - at)));
        }
        advance(watch);
        assertThat(watch.events()).isEqualTo(events.size());
        assertThat(watch.isComplete()).isTrue();
      }
    }
  }

  @Test
  void noticesAnotherRecording() throws IOException {
    Path file = Files.copy(whole, folder.resolve("again.arrow"));
    byte[] torn = java.util.Arrays.copyOf(Files.readAllBytes(file), (int) Files.size(file) - 50);
    Files.write(file, torn);
    try (TraceWatch watch = TraceWatch.open(file)) {
      advance(watch);
      assertThat(watch.events()).isEqualTo(events.size());
      Files.write(file, new byte[10]);
      assertThatThrownBy(() -> advance(watch))
          .isInstanceOf(MalformedTraceException.class)
          .hasMessageContaining("another recording has begun");
    }
  }
}
