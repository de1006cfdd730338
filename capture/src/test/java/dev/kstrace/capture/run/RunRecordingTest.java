package dev.kstrace.capture.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kstrace.capture.OnFull;
import dev.kstrace.capture.RecorderOptions;
import dev.kstrace.traces.Detail;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records a C program with threads, as a user's test program would be. */
final class RunRecordingTest {
  private static final RecorderOptions WAITING =
      RunRecording.options()
          .withBufferRows(4096)
          .withOnFull(OnFull.BLOCK)
          .withFlushMillis(50)
          .withReporter(sentence -> {});

  @TempDir static Path programs;
  private static Path program;
  @TempDir Path folder;

  @BeforeAll
  static void compile() throws Exception {
    program = CPrograms.compile(programs, "ring_threads.c");
  }

  private record Recorded(
      List<TraceEvent> events, RunRecording recording, CPrograms.Result result) {
    long count(Op op) {
      return events.stream().filter(event -> event.op() == op.code()).count();
    }
  }

  private Recorded record(RecorderOptions options, String... arguments) throws Exception {
    return record(program, options, arguments);
  }

  private Recorded record(Path program, RecorderOptions options, String... arguments)
      throws Exception {
    Path file = folder.resolve("run.arrow");
    RunRecording recording = RunRecording.start(file, TraceMetadata.of(Map.of()), options);
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    CPrograms.Result result =
        CPrograms.run(
            Map.of(RunRecording.VARIABLE, recording.ring().toString()),
            command.toArray(String[]::new));
    recording.close();
    assertThat(recording.ring()).doesNotExist();
    return new Recorded(read(file), recording, result);
  }

  private static List<TraceEvent> read(Path file) throws IOException {
    List<TraceEvent> events = new ArrayList<>();
    try (TraceReader reader = TraceReader.open(file)) {
      EventBatch batch = new EventBatch(1024);
      while (reader.read(batch)) {
        for (int row = 0; row < batch.rows(); row++) {
          events.add(batch.event(row));
        }
      }
    }
    return events;
  }

  @Test
  void recordsFourThreadsCompletelyAndInOrder() throws Exception {
    Recorded run = record(WAITING, "4", "20000");

    assertThat(run.result).isEqualTo(new CPrograms.Result(0, ""));
    assertThat(run.events).hasSize(4 * (2 * 20_000 + 4) + 2);
    assertThat(run.recording.recordedEvents()).isEqualTo(run.events.size());
    assertThat(run.recording.lostEvents()).isZero();
    assertThat(run.recording.processes()).isEqualTo(1);
    assertThat(run.recording.endedInOrder()).isTrue();
    assertThat(run.events.get(run.events.size() - 1).op()).isEqualTo(Op.TRACE_END.code());
    assertSequence(run.events);
    assertFramesAreFreedOnceAndLive(run.events);
  }

  private static void assertSequence(List<TraceEvent> events) {
    long seq = 0;
    Map<Integer, Long> entries = new HashMap<>();
    for (TraceEvent event : events) {
      assertThat(event.seq()).isEqualTo(++seq);
      if (event.thread() != null) {
        Long before = entries.put(event.thread(), event.tEntry());
        assertThat(event.tEntry()).isGreaterThanOrEqualTo(before == null ? 0 : before);
      }
      if (event.tExit() != null) {
        assertThat(event.tExit()).isGreaterThanOrEqualTo(event.tEntry());
      }
    }
  }

  /**
   * Malloc hands an address that one thread freed to another: only the true order survives this.
   */
  private static void assertFramesAreFreedOnceAndLive(List<TraceEvent> events) {
    Set<Long> live = new HashSet<>();
    for (TraceEvent event : events) {
      if (event.op() == Op.ALLOCATE.code()) {
        assertThat(live.add(event.frame())).as("allocate at seq %d", event.seq()).isTrue();
      } else if (event.op() == Op.FREE.code()) {
        assertThat(live.remove(event.frame())).as("free at seq %d", event.seq()).isTrue();
      }
    }
    assertThat(live).isEmpty();
  }

  @Test
  void keepsWhatEachEventCarries() throws Exception {
    List<TraceEvent> events = record(WAITING, "1", "9").events;

    TraceEvent mark = events.get(0);
    assertThat(mark.op()).isEqualTo(Op.MARK.code());
    assertThat(Detail.parse(mark.detail()).text("text")).isEqualTo("phase \"one\" \033[31mä");
    TraceEvent pin = events.get(1);
    assertThat(pin.pin()).isEqualTo(0xFFFFA00000000000L);
    assertThat(Detail.parse(pin.detail()).text("name")).isEqualTo("pin");
    TraceEvent initialize = events.get(2);
    assertThat(initialize.framing()).isEqualTo(new Framing(2, 0, 8, 256, 0, 0));
    assertThat(initialize.pin()).isEqualTo(0xFFFFA00000000000L);
    assertThat(initialize.context()).isEqualTo(0xFFFFC00000000000L);
    assertThat(initialize.status()).isZero();
    TraceEvent allocate = events.get(3);
    assertThat(allocate.size()).isEqualTo(256);
    assertThat(allocate.irqlEntry()).isZero();
    assertThat(allocate.irqlExit()).isZero();
    assertThat(allocate.thread()).isNotNull();
    assertThat(allocate.tExit()).isNotNull();
    assertThat(allocate.status()).isNull();
  }

  @Test
  void withoutExitTimesNothingIsKnownOfReturns() throws Exception {
    Path plain =
        CPrograms.compile(
            folder.resolve("plain"),
            "cc",
            "ring_threads.c",
            "-DKSTRACE_EXIT_TIMES=0",
            "-Wpedantic",
            "-lpthread");
    Recorded run = record(plain, WAITING, "3", "2000");

    assertThat(run.events).hasSize(3 * (2 * 2000 + 4) + 2);
    assertSequence(run.events);
    assertFramesAreFreedOnceAndLive(run.events);
    assertThat(run.events)
        .filteredOn(event -> event.op() == Op.ALLOCATE.code() || event.op() == Op.FREE.code())
        .hasSize(3 * 2 * 2000)
        .allMatch(event -> event.tExit() == null);
  }

  @Test
  void countsExactlyWhatFindsNoRoom() throws Exception {
    Recorded run = record(WAITING.withBufferRows(1024).withOnFull(OnFull.DROP), "3", "50000");

    long rows = run.events.size() - run.count(Op.EVENTS_LOST) - run.count(Op.TRACE_END);
    long announced =
        run.events.stream()
            .filter(event -> event.op() == Op.EVENTS_LOST.code())
            .mapToLong(event -> Detail.parse(event.detail()).number("count"))
            .sum();
    assertThat(run.recording.lostEvents()).isPositive().isEqualTo(announced);
    assertThat(rows + announced).isEqualTo(3 * (2 * 50_000 + 4) + 1);
    TraceEvent end = run.events.get(run.events.size() - 1);
    assertThat(Detail.parse(end.detail()).number("lost_total")).isEqualTo(announced);
  }

  @Test
  void keepsWhatAKilledProgramHadPublished() throws Exception {
    Recorded run = record(WAITING, "1", "30000", "kill");

    assertThat(run.result.exitCode()).isEqualTo(128 + 9);
    // mark, pin_create, initialize, 15,001 allocates, frees from the ninth on
    assertThat(run.events).hasSize(3 + 15_001 + 14_993);
    assertThat(run.count(Op.TRACE_END)).isZero();
    assertThat(run.recording.endedInOrder()).isFalse();
    assertThat(run.recording.lostEvents()).isZero();
  }

  @Test
  void takesAnAbortForACut() throws Exception {
    Recorded run = record(WAITING, "1", "30", "abort");

    assertThat(run.result.exitCode()).isEqualTo(128 + 6);
    assertThat(run.count(Op.TRACE_END)).isZero();
  }

  @Test
  void recordsAForkedChildAsAnotherProcess() throws Exception {
    Recorded run = record(WAITING, "1", "10", "fork");

    assertThat(run.recording.processes()).isEqualTo(2);
    assertThat(run.recording.endedInOrder()).isTrue();
    assertThat(run.count(Op.INITIALIZE)).isEqualTo(2);
    assertThat(run.events.stream().map(TraceEvent::thread).distinct()).hasSizeGreaterThan(2);
  }

  @Test
  void aRingKeepsTheNewestAndIsDumpedWhenTheProgramAsks() throws Exception {
    Recorded run = record(WAITING.withRing(1 << 20), "1", "30000", "dump");

    int most = (3 << 20) / 4 / 86;
    assertThat(run.recording.recordedEvents()).isEqualTo(2 * 30_000 + 4 + 2);
    assertThat(run.events).hasSizeLessThan(most + 100);
    assertThat(run.events.get(run.events.size() - 1).op()).isEqualTo(Op.TRACE_END.code());
    List<TraceEvent> dump = read(folder.resolve("run-1.arrow"));
    assertThat(dump).hasSizeBetween(most * 9 / 10, most + 100);
    // mark, pin_create, initialize, 15,001 allocates, frees from the ninth on
    assertThat(dump.get(dump.size() - 1).seq()).isEqualTo(3 + 15_001 + 14_993);
    // asked for just before the end: with all events, and trace_end where that came first
    assertThat(read(folder.resolve("run-2.arrow")))
        .hasSizeBetween(run.events.size() - 1, run.events.size());
    assertThat(folder.resolve("run-3.arrow")).doesNotExist();
  }

  @Test
  void aRemovedTraceEndsTheRecordingAndNotTheProgram() throws Exception {
    Path file = folder.resolve("gone.arrow");
    List<String> told = new CopyOnWriteArrayList<>();
    RunRecording recording =
        RunRecording.start(file, TraceMetadata.of(Map.of()), WAITING.withReporter(told::add));
    Files.delete(file);
    CPrograms.Result result =
        CPrograms.run(
            Map.of(RunRecording.VARIABLE, recording.ring().toString()),
            program.toString(),
            "2",
            "20000");

    assertThat(result).isEqualTo(new CPrograms.Result(0, ""));
    assertThatThrownBy(recording::close).hasMessageContaining("moved or removed");
    assertThat(told)
        .containsExactly(
            "kstrace: recording into "
                + file
                + " stopped: the file was moved or removed; the program goes on unrecorded");
    assertThat(file).doesNotExist();
  }

  @Test
  void aFileThatIsNoRingStopsNothing() throws Exception {
    Path file = Files.writeString(folder.resolve("no-ring"), "x".repeat(5000));

    CPrograms.Result result =
        CPrograms.run(Map.of(RunRecording.VARIABLE, file.toString()), program.toString(), "1", "1");

    assertThat(result.output())
        .isEqualTo(
            "kstrace: KSTRACE_RING="
                + file
                + " is no ring of version 1; nothing is recorded\nnot recorded\n");
    assertThat(Files.readString(file)).isEqualTo("x".repeat(5000));
  }

  @Test
  void refusesToReplaceATrace() throws Exception {
    Path file = Files.createFile(folder.resolve("there.arrow"));

    assertThatThrownBy(() -> RunRecording.start(file, TraceMetadata.of(Map.of()), WAITING))
        .isInstanceOf(FileAlreadyExistsException.class);
  }
}
