package dev.kstrace.analyze.junit;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.RingWatch;
import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.capture.CallEnvironment;
import dev.kstrace.capture.OnFull;
import dev.kstrace.capture.RecorderOptions;
import dev.kstrace.capture.RingDumps;
import dev.kstrace.capture.TraceRecorder;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The recording of one test; the trace is made by whoever first asks for the recorder. Thread-safe.
 */
final class TestRecording {
  private final Path file;
  private final String title;
  private final RecorderOptions options;
  private final List<Rule> rules;
  private final Predicate<Finding> counts;
  private final List<String> told = new ArrayList<>();
  private final List<RingWatch.Early> early = new ArrayList<>();
  private @Nullable RingWatch watch;
  private final Set<AllocatorDispatch> wrappers =
      Collections.newSetFromMap(new IdentityHashMap<>());
  private @Nullable TraceRecorder recorder;

  /**
   * A recording that has not begun.
   *
   * @param ringMegabytes see {@link RecordTrace#ringMegabytes}
   * @param rules what a ring is judged by while it is filled
   * @param counts findings that fail the test
   */
  TestRecording(
      Path file, String title, int ringMegabytes, List<Rule> rules, Predicate<Finding> counts) {
    this.file = file;
    this.title = title;
    this.rules = rules;
    this.counts = counts;
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
        RingDumps ring = recorder.ringDumps();
        if (ring != null) {
          watch = new RingWatch(ring, recorder::recordedEvents, rules, this::counted, told::add);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot record the test into " + file, e);
      }
    }
    return recorder;
  }

  private List<Finding> counted(Verdict verdict) {
    return verdict.findings().stream().filter(counts).toList();
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
    if (watch != null) {
      early.addAll(watch.close());
    }
    recorder.requireRecorded();
    return true;
  }

  /** Drops the dumps that say no more than the one of the end, whose findings these are. */
  synchronized void dropDumpsOf(List<Finding> atTheEnd) throws IOException {
    for (RingWatch.Early dump : List.copyOf(early)) {
      if (atTheEnd.stream().anyMatch(finding -> isSame(finding, dump.finding()))) {
        early.remove(dump);
        told.remove(dump.sentence());
        Files.delete(dump.dump());
      }
    }
  }

  private static boolean isSame(Finding one, Finding other) {
    return one.seq() == other.seq() && one.rule().equals(other.rule());
  }

  /** Dumps of a ring that were made for findings before the end; once it is ended. */
  synchronized List<RingWatch.Early> early() {
    return List.copyOf(early);
  }

  /** What else there is to say of the ring, one sentence each; once it is ended. */
  synchronized List<String> remarks() {
    List<String> remarks = new ArrayList<>(told);
    early.forEach(dump -> remarks.remove(dump.sentence()));
    return remarks;
  }

  void delete() {
    try {
      for (RingWatch.Early dump : early) {
        Files.deleteIfExists(dump.dump());
      }
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
