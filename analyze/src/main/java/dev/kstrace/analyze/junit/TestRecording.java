package dev.kstrace.analyze.junit;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.capture.CallEnvironment;
import dev.kstrace.capture.OnFull;
import dev.kstrace.capture.RecorderOptions;
import dev.kstrace.capture.TraceRecorder;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The recording of one test; the trace is made by whoever first asks for the recorder. Thread-safe.
 */
final class TestRecording {
  private final Path file;
  private final String title;
  private final RecorderOptions options;
  private final Set<AllocatorDispatch> wrappers =
      Collections.newSetFromMap(new IdentityHashMap<>());
  private @Nullable TraceRecorder recorder;

  /**
   * A recording that has not begun.
   *
   * @param ringMegabytes see {@link RecordTrace#ringMegabytes}
   */
  TestRecording(Path file, String title, int ringMegabytes) {
    this.file = file;
    this.title = title;
    // A test may wait; a verdict over a trace with losses would be worth little.
    this.options =
        RecorderOptions.background()
            .withOnFull(OnFull.BLOCK)
            .withOverwrite(true)
            .withRing((long) ringMegabytes << 20);
    delete();
  }

  Path file() {
    return file;
  }

  String title() {
    return title;
  }

  synchronized TraceRecorder recorder() {
    if (recorder == null) {
      try {
        Files.createDirectories(file.toAbsolutePath().getParent());
        recorder =
            TraceRecorder.open(
                file,
                TraceMetadata.of(
                    Map.of(
                        TraceMetadata.ORIGIN,
                        "recorded",
                        TraceMetadata.COMPLETE_START,
                        "true",
                        TraceMetadata.CLOCK,
                        "nanotime",
                        TraceMetadata.PRODUCER,
                        "kstrace JUnit extension",
                        TraceMetadata.TEST,
                        title)),
                CallEnvironment.ofJvm(),
                options);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot record the test into " + file, e);
      }
    }
    return recorder;
  }

  /** Marks the start of a part, if anything was recorded so far. */
  synchronized void mark(String text) {
    if (recorder != null) {
      recorder.mark(text);
    }
  }

  /** The recorded stand-in of an allocator; one that is a stand-in already stays as it is. */
  synchronized AllocatorDispatch wrap(AllocatorDispatch allocator) {
    if (wrappers.contains(allocator)) {
      return allocator;
    }
    AllocatorDispatch wrapper = recorder().wrap(allocator);
    wrappers.add(wrapper);
    return wrapper;
  }

  /**
   * Ends the trace.
   *
   * @param orderly whether the test came to its end, so that what is live now is leaked
   * @return whether there is a trace at all
   */
  synchronized boolean end(boolean orderly) throws IOException {
    if (recorder == null) {
      return false;
    }
    if (orderly) {
      recorder.close();
    } else {
      recorder.abandon();
    }
    recorder.requireRecorded();
    return true;
  }

  void delete() {
    try {
      if (Files.deleteIfExists(file)) {
        Files.deleteIfExists(file.toAbsolutePath().getParent());
      }
    } catch (java.nio.file.DirectoryNotEmptyException e) {
      // Traces of other tests are there.
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + file, e);
    }
  }
}
