package dev.kstrace.analyze.junit;

import dev.kstrace.capture.TraceRecorder;
import org.jspecify.annotations.Nullable;

/**
 * The recording of the test that this thread runs: for dynamic tests, each of which has a trace of
 * its own, and for code that has no parameter to take. Thread-safe.
 */
public final class CurrentTrace {
  private static final ThreadLocal<@Nullable TestRecording> CURRENT = new ThreadLocal<>();

  private CurrentTrace() {}

  /**
   * The recorder of the running test.
   *
   * @throws IllegalStateException if this thread runs no test with {@link RecordTrace}
   */
  public static TraceRecorder recorder() {
    TestRecording recording = CURRENT.get();
    if (recording == null) {
      throw new IllegalStateException(
          "this thread runs no recorded test; put @RecordTrace on the test, and take the recorder"
              + " in the thread that runs it");
    }
    return recording.recorder();
  }

  /** Sets the recording of this thread, and returns the one before. */
  static @Nullable TestRecording set(@Nullable TestRecording recording) {
    TestRecording before = CURRENT.get();
    if (recording == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(recording);
    }
    return before;
  }
}
