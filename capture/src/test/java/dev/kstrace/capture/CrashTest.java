package dev.kstrace.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Path;
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

  @Test
  void theCallThatKillsTheProcessIsOnDisk() throws Exception {
    Path file = folder.resolve("crash.arrow");
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(
                java,
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Victim.class.getName(),
                file.toString())
            .inheritIO()
            .start();
    assertThat(process.waitFor()).isEqualTo(1);
    List<TraceEvent> events = Traces.read(file);
    assertThat(events).extracting(e -> Op.of(e.op())).containsExactly(Op.ALLOCATE, Op.FREE);
    assertThat(events.get(0).tExit()).isNotNull();
    assertThat(events.get(1).tExit()).isNull();
    try (TraceReader reader = TraceReader.open(file)) {
      assertThat(reader.hasFooter()).isFalse();
    }
  }
}
