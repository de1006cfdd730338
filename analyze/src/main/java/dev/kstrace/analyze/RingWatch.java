package dev.kstrace.analyze;

import dev.kstrace.capture.RingDumps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Judges a ring while it is being filled, each time that half of it is new, so that a finding
 * leaves a dump before what led to it is overwritten. A dump is kept for each new finding that
 * counts, and only for these. Closing is for one thread.
 */
public final class RingWatch {
  private static final long POLL_NANOS = 20_000_000;

  private final RingDumps dumps;
  private final LongSupplier recorded;
  private final List<Rule> rules;
  private final Function<Verdict, List<Finding>> counted;
  private final Consumer<String> told;
  private final Thread thread = new Thread(this::run, "kstrace-watch");
  private final Set<String> known = new HashSet<>();
  private final List<Early> kept = new ArrayList<>();
  private long judged;
  private long unjudged;
  private volatile boolean stopping;

  /**
   * A dump that was made for a finding.
   *
   * @param finding the first of those that are new in it
   */
  public record Early(Path dump, Finding finding) {
    /** What is told of it. */
    public String sentence() {
      String place = " at seq " + Long.toUnsignedString(finding.seq());
      String during = finding.mark() == null ? "" : ", during " + finding.mark().label();
      return finding.rule() + place + during + ": the ring is in " + dump;
    }
  }

  /**
   * A watch that begins now, on a daemon thread of its own.
   *
   * @param recorded how many events came to the ring so far
   * @param counted the findings of a verdict that a dump is kept for
   * @param told takes one sentence for each dump, and about what could not be judged; texts in it
   *     are as the trace has them
   */
  public RingWatch(
      RingDumps dumps,
      LongSupplier recorded,
      List<Rule> rules,
      Function<Verdict, List<Finding>> counted,
      Consumer<String> told) {
    this.dumps = dumps;
    this.recorded = recorded;
    this.rules = List.copyOf(rules);
    this.counted = counted;
    this.told = told;
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Ends the watch when the ring has been written for the last time, and tells what it could not
   * keep up with.
   *
   * @return the dumps that it kept, in the order in which they were made
   */
  public List<Early> close() {
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
    skipped(recorded.getAsLong());
    if (unjudged > 0) {
      told.accept(
          String.format(
              Locale.ROOT, "%,d events left the ring faster than they could be judged", unjudged));
    }
    return List.copyOf(kept);
  }

  private void run() {
    try (JudgeSession session = new JudgeSession()) {
      while (!stopping) {
        LockSupport.parkNanos(POLL_NANOS);
        if (recorded.getAsLong() - judged >= dumps.rows() / 2) {
          look(session);
        }
      }
    } catch (IOException | SQLException | RuntimeException e) {
      told.accept("the ring is no longer judged: " + (e.getMessage() == null ? e : e.getMessage()));
    }
  }

  private void look(JudgeSession session) throws IOException, SQLException {
    long end = recorded.getAsLong();
    Path dump = dumps.dump();
    skipped(end);
    judged = end;
    Finding first = null;
    for (Finding finding : counted.apply(session.judge(dump, rules))) {
      if (known.add(finding.fingerprint())) {
        first = first == null ? finding : first;
      }
    }
    if (first == null) {
      Files.delete(dump);
      return;
    }
    Early early = new Early(dump, first);
    kept.add(early);
    told.accept(early.sentence());
  }

  /** Counts what left the ring since the last look. */
  private void skipped(long end) {
    unjudged += Math.max(0, end - judged - dumps.rows());
  }
}
