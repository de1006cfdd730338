package dev.kstrace.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CrashTest {
  @TempDir Path folder;

  /** Records, and dies inside of a free without any farewell. */
  static final class Victim implements AllocatorDispatch {
    /** Records into the file named by the first argument. */
    public static void main(String[] args) throws IOException {
      TraceRecorder recorder =
          TraceRecorder.open(
              Path.of(args[0]),
              TraceMetadata.of(Map.of()),
              CallEnvironment.ofJvm(),
              RecorderOptions.background().withFlushMillis(50));
      AllocatorDispatch allocator = recorder.wrap(new Victim());
      allocator.free(1, allocator.allocate(1));
    }

    @Override
    public int initialize(long pin, Framing framing, ContextOut context) {
      return 0;
    }

    @Override
    public void delete(long context) {}

    @Override
    public long allocate(long context) {
      return 0x1000;
    }

    @Override
    public void free(long context, long frame) {
      try {
        TimeUnit.MILLISECONDS.sleep(500);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      Runtime.getRuntime().halt(1);
    }
  }

  /** Records, and forgets to close. */
  static final class Forgetful {
    /** Records into the file named by the first argument. */
    public static void main(String[] args) throws IOException {
      AllocatorDispatch allocator =
          TraceRecorder.open(Path.of(args[0]), TraceMetadata.of(Map.of()))
              .wrap(new MallocAllocator());
      for (int i = 0; i < 100; i++) {
        allocator.allocate(1);
      }
    }
  }

  /** Records more than its file may hold, and reports about itself to the end. */
  static final class Overfull {
    /** Records into the file named by the first argument. */
    public static void main(String[] args) throws IOException {
      try (TraceRecorder recorder =
          TraceRecorder.open(Path.of(args[0]), TraceMetadata.of(Map.of()))) {
        AllocatorDispatch allocator = recorder.wrap(new MallocAllocator());
        for (int i = 0; i < 100_000; i++) {
          allocator.free(1, allocator.allocate(1));
        }
      }
      System.out.println("went on");
    }
  }

  private static List<String> java(Class<?> main, Path file) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:-UsePerfData",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("java.class.path"),
        main.getName(),
        file.toString());
  }

  @Test
  void theCallThatKillsTheProcessIsOnDisk() throws Exception {
    Path file = folder.resolve("crash.arrow");
    Process process = new ProcessBuilder(java(Victim.class, file)).inheritIO().start();
    assertThat(process.waitFor()).isEqualTo(1);
    List<TraceEvent> events = Traces.read(file);
    assertThat(events).extracting(e -> Op.of(e.op())).containsExactly(Op.ALLOCATE, Op.FREE);
    assertThat(events.get(0).tExit()).isNotNull();
    assertThat(events.get(1).tExit()).isNull();
    try (TraceReader reader = TraceReader.open(file)) {
      assertThat(reader.hasFooter()).isFalse();
    }
  }

  @Test
  void aRecorderThatIsNeverClosedIsEndedWithTheProcess() throws Exception {
    Path file = folder.resolve("forgotten.arrow");
    Process process = new ProcessBuilder(java(Forgetful.class, file)).inheritIO().start();
    assertThat(process.waitFor()).isZero();
    assertThat(Traces.read(file)).hasSize(100).allMatch(e -> e.op() == Op.ALLOCATE.code());
    try (TraceReader reader = TraceReader.open(file)) {
      assertThat(reader.hasFooter()).isTrue();
    }
  }

  @Test
  void aFullDiskStopsTheRecordingAndNotTheProgram() throws Exception {
    Path shell = Path.of("/bin/sh");
    assumeTrue(Files.isExecutable(shell), "the limit on the size of files is set by a shell");
    Path file = folder.resolve("full.arrow");
    List<String> command = new ArrayList<>(List.of(shell.toString(), "-c"));
    // A limit of 512 KiB; the JVM has no other file that grows.
    command.add("ulimit -f 1024; trap '' XFSZ; exec \"$@\"");
    command.add("sh");
    command.addAll(java(Overfull.class, file));
    Process process = new ProcessBuilder(command).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(err).isZero();
    assertThat(out.strip()).isEqualTo("went on");
    assertThat(err.strip())
        .isEqualTo(
            "kstrace: recording into "
                + file
                + " stopped: File too large; the program goes on unrecorded");
    List<TraceEvent> events = Traces.read(file);
    for (int i = 0; i < events.size(); i++) {
      assertThat(events.get(i).seq()).isEqualTo(i + 1);
    }
    assertThat(Files.size(file)).isGreaterThan(400_000);
  }
}
