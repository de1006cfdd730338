package dev.kstrace.cli;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.JudgeSession;
import dev.kstrace.analyze.RulePack;
import dev.kstrace.analyze.Severity;
import dev.kstrace.capture.RingDumps;
import dev.kstrace.capture.run.RunRecording;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Judges a ring while it is being filled, each time that half of it is new, so that a finding
 * leaves a dump before what led to it is overwritten. A dump is kept for each new error, and only
 * for these. Closing is for one thread.
 */
final class RingWatch {
  private static final long POLL_NANOS = 20_000_000;

  private final RunRecording recording;
  private final RingDumps dumps;
  private final PrintStream err;
  private final Thread thread = new Thread(this::run, "kstrace-watch");
  private final Set<String> known = new HashSet<>();
  private final List<Path> kept = new ArrayList<>();
  private long judged;
  private long unjudged;
  private volatile boolean stopping;

  /** A watch that begins now, on a thread of its own. */
  RingWatch(RunRecording recording, RingDumps dumps, PrintStream err) {
    this.recording = recording;
    this.dumps = dumps;
    this.err = err;
    thread.setDaemon(true);
    thread.start();
  }

  /** Ends the watch, and tells what it could not keep up with; gives the dumps that it kept. */
  List<Path> close() {
    stopping = true;
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    skipped(recording.recordedEvents());
    if (unjudged > 0) {
      err.println(
          String.format(
              Locale.ROOT,
              "kstrace: %,d events left the ring faster than they could be judged",
              unjudged));
    }
    return List.copyOf(kept);
  }

  private void run() {
    try (JudgeSession session = new JudgeSession()) {
      while (!stopping) {
        LockSupport.parkNanos(POLL_NANOS);
        if (recording.recordedEvents() - judged >= dumps.rows() / 2) {
          look(session);
        }
      }
    } catch (IOException | SQLException | RuntimeException e) {
      err.println(
          "kstrace: the ring is no longer judged: " + Failure.printable(e.toString(), false));
    }
  }

  private void look(JudgeSession session) throws IOException, SQLException {
    long end = recording.recordedEvents();
    Path dump = dumps.dump();
    skipped(end);
    judged = end;
    Finding first = null;
    for (Finding finding : session.judge(dump, RulePack.builtIn()).findings()) {
      if (finding.severity() == Severity.ERROR && known.add(finding.fingerprint())) {
        first = first == null ? finding : first;
      }
    }
    if (first == null) {
      Files.delete(dump);
      return;
    }
    kept.add(dump);
    String place = " at seq " + Long.toUnsignedString(first.seq());
    String during = first.mark() == null ? "" : ", during " + first.mark().label();
    String told = first.rule() + place + during + ": the ring is in " + dump;
    err.println("kstrace: " + Failure.printable(told, false));
  }

  /** Counts what left the ring since the last look. */
  private void skipped(long end) {
    unjudged += Math.max(0, end - judged - dumps.rows());
  }
}
