package dev.kstrace.capture;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Dumps of a ring on demand: by a call, or by a file that somebody makes beside the trace.
 * Thread-safe.
 */
public final class RingDumps {
  private static final int MOST_DUMPS = 1000;
  private static final long JOIN_MILLIS = 10_000;

  private final Path file;
  private final Path trigger;
  private final RingSink sink;
  private final Runnable flush;
  private final FailureReport report;
  private final List<Thread> dumpers = new CopyOnWriteArrayList<>();

  private RingDumps(Path file, RingSink sink, Runnable flush, FailureReport report) {
    this.file = file;
    this.trigger = file.resolveSibling(file.getFileName() + ".dump");
    this.sink = sink;
    this.flush = flush;
    this.report = report;
  }

  /**
   * Dumps of a ring, or null where events do not go to one.
   *
   * @param file the recorder's own file, after which dumps are named
   * @param flush brings what is still buffered into the ring
   * @param reporter told of dumps that nobody waits for, and why there is none
   */
  public static @Nullable RingDumps of(
      Path file, EventSink sink, Runnable flush, Consumer<String> reporter) {
    return sink instanceof RingSink ring
        ? new RingDumps(file, ring, flush, new FailureReport(file, reporter))
        : null;
  }

  /** Events that the ring holds when it is full, fewer where their texts are long. */
  public long rows() {
    return sink.mostRows();
  }

  /** Writes a dump under the next free name: {@code trace-1.arrow} beside {@code trace.arrow}. */
  public Path dump() throws IOException {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    int stem = dot > 0 ? dot : name.length();
    flush.run();
    for (int i = 1; i <= MOST_DUMPS; i++) {
      Path target = file.resolveSibling(name.substring(0, stem) + "-" + i + name.substring(stem));
      try {
        sink.dump(target, false);
        return target;
      } catch (FileAlreadyExistsException e) {
        // the next one
      }
    }
    throw new FileAlreadyExistsException(
        file.toString(), null, "has " + MOST_DUMPS + " dumps beside it");
  }

  void dump(Path target) throws IOException {
    flush.run();
    sink.dump(target, false);
  }

  /** Writes a dump if the trigger file is there, and removes that. Never throws. */
  public void answerTrigger() {
    try {
      if (Files.deleteIfExists(trigger)) {
        dumpSoon();
      }
    } catch (IOException | RuntimeException e) {
      report.notDumped(e);
    }
  }

  /** Writes a dump on a thread of its own, so that the caller can go on emptying the buffer. */
  public void dumpSoon() {
    Thread dumper = new Thread(this::dumpAndTell, "kstrace-dump");
    dumper.setDaemon(true);
    dumper.start();
    dumpers.add(dumper);
    dumpers.removeIf(thread -> !thread.isAlive());
  }

  /** Lets dumps that are being written come to their end, so that none is left half. */
  public void await() {
    boolean interrupted = Thread.interrupted();
    for (Thread dumper : dumpers) {
      try {
        dumper.join(JOIN_MILLIS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void dumpAndTell() {
    try {
      report.dumped(dump());
    } catch (IOException | RuntimeException e) {
      report.notDumped(e);
    }
  }
}
