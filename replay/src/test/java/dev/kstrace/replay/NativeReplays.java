package dev.kstrace.replay;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.replay.host.HostTarget;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** Replays recordings written as text on native targets. */
public final class NativeReplays {
  private NativeReplays() {}

  /** What came out, for tests of another package. */
  public record Outcome(ReplayReport report, List<String> lines) {}

  /** Replays on a target and closes it. */
  public static Outcome run(String recording, HostTarget target) {
    try (target) {
      TraceText.Parsed text = Replays.parse(recording);
      Replays.Result result =
          Replays.run(text.events(), text.metadata(), target, ReplayOptions.DEFAULTS, 500);
      return new Outcome(result.report(), result.lines());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An allocator written in Java as a target. */
  public static ReplayTarget javaTarget(AllocatorDispatch dispatch) {
    return new DispatchTarget("java:twin", dispatch, () -> {});
  }

  /** Writes a recording of text as a file. */
  public static Path write(Path file, String recording) throws IOException {
    return Replays.write(file, recording);
  }
}
