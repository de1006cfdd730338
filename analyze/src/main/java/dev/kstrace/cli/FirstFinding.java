package dev.kstrace.cli;

import dev.kstrace.analyze.EarlyVerdict;
import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.analyze.triage.Triage;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Names a first finding on the terminal while a long trace is still being read: an error, or until
 * there is one a warning, that is new and that nothing to come can take back. A short trace is over
 * before anybody looks. Not thread-safe.
 */
final class FirstFinding implements Consumer<TraceFacts> {
  private static final long FIRST_LOOK_NS = 250_000_000L;

  /** Looking may take this share of the time. */
  private static final int SHARE = 10;

  private final Progress progress;
  private final List<Rule> rules;
  private final Supplier<Triage> triage;
  private final LongSupplier clock;
  private long next;
  private int suspects;
  private Severity said = Severity.INFO;
  private boolean done;

  /**
   * A watch over the reading of one trace.
   *
   * @param triage a new one each time, which knows what is suppressed or known
   * @param clock in ns
   */
  FirstFinding(Progress progress, List<Rule> inForce, Supplier<Triage> triage, LongSupplier clock) {
    this.progress = progress;
    this.rules = progress.isShown() ? EarlyVerdict.rules(inForce) : List.of();
    this.triage = triage;
    this.clock = clock;
    this.next = clock.getAsLong() + FIRST_LOOK_NS;
    this.done = rules.isEmpty();
  }

  @Override
  public void accept(TraceFacts soFar) {
    if (done || soFar.suspectCalls() == suspects) {
      return;
    }
    long begin = clock.getAsLong();
    if (begin - next < 0) {
      return;
    }
    suspects = soFar.suspectCalls();
    try {
      look(soFar);
    } catch (SQLException e) {
      done = true; // the verdict meets the same failure and tells of it
    }
    long end = clock.getAsLong();
    next = end + SHARE * (end - begin);
  }

  private void look(TraceFacts soFar) throws SQLException {
    List<Finding> certain = EarlyVerdict.of(soFar, rules);
    Verdict early = new Verdict(soFar, certain, List.of(), List.of());
    Finding gravest = null;
    for (Finding finding : triage.get().sort(early).newFindings()) {
      if (finding.severity().compareTo(gravest == null ? said : gravest.severity()) > 0) {
        gravest = finding;
      }
    }
    if (gravest != null) {
      said = gravest.severity();
      done = said == Severity.ERROR;
      String seq = Long.toUnsignedString(gravest.seq());
      String what = said.label() + " " + gravest.rule() + " at seq " + seq;
      progress.say("kstrace: found " + what + ", reading on");
    }
  }
}
