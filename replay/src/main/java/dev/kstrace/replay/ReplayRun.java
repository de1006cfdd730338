package dev.kstrace.replay;

import dev.kstrace.replay.TargetPort.TargetDied;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One replay from the first event to the last; used once. Not thread-safe. */
final class ReplayRun {
  /** Rows that are resolved at a time, few enough to be in the processor's nearest cache. */
  private static final int NEAR = 128;

  private final ReplayTarget target;
  private final String name;
  private final TargetPort port;
  private final ReplayOptions options;
  private final EventBatch in;
  private final ReplayedRows rows;
  private final DivergenceLog log;
  private final RecordingWatch watch = new RecordingWatch();
  private final RecordedCalls recorded;
  private final CallReplayer calls;
  private final @Nullable BatchedRows batched;
  private final @Nullable Pacer pacer;
  private @Nullable TargetDeath death;
  private boolean stopped;
  private int rowsDone;
  private @Nullable Tape tape;

  ReplayRun(ReplayTarget target, ReplayOptions options, EventBatch in, ReplayedRows rows) {
    this(target, options, in, rows, null, null);
  }

  /**
   * A run that is watched.
   *
   * @param answers collects what the target answers to the rows of a batch; null = nobody does
   * @param clock ns, to measure calls by; null = they are not measured
   */
  ReplayRun(
      ReplayTarget target,
      ReplayOptions options,
      EventBatch in,
      ReplayedRows rows,
      @Nullable Answers answers,
      @Nullable LongSupplier clock) {
    this.target = target;
    this.name = target.name();
    this.pacer = options.pace() == null ? null : new Pacer(options.pace());
    Instruments instruments = new Instruments(answers, clock, pacer);
    this.port = new TargetPort(target, options.disturbances(), instruments);
    this.options = options;
    this.in = in;
    this.rows = rows;
    this.log = new DivergenceLog(options.keep());
    this.recorded = new RecordedCalls(in.capacity());
    this.calls = new CallReplayer(in, rows, port, recorded, log, options, answers);
    BatchTarget batches = port.batches();
    this.batched =
        batches == null || pacer != null
            ? null
            : new BatchedRows(
                in, recorded, batches, port, calls, options.disturbances(), this::row);
  }

  ReplayReport replay(ReplayEngine.Source source, boolean completeStart) throws IOException {
    while (take(source)) {
      // all is done in there
    }
    return end(completeStart);
  }

  /** Replays the next batch; false where there is none, or nothing comes behind it. */
  boolean take(ReplayEngine.Source source) throws IOException {
    if (stopped || !source.read(in)) {
      return false;
    }
    boolean last = cut();
    rowsDone = 0;
    stopped = !(batched == null ? oneByOne() : batched(batched));
    log.endOfBatch(in);
    return !stopped && !last;
  }

  /** How many events of the last batch were replayed. */
  int rowsDone() {
    return rowsDone;
  }

  /** Before anything is done: what the target does goes on a tape, which also gets the rows. */
  void recordOn(Tape on) {
    tape = on;
    books().logTo(on.books());
  }

  /** How many events were done. */
  long events() {
    return watch.events() - (death == null ? 0 : 1);
  }

  /** How the target died; null = it is alive. */
  @Nullable TargetDeath death() {
    return death;
  }

  /** What the recording says of frames and allocators so far. */
  RecordedCalls recorded() {
    return recorded;
  }

  /** What stands for them in the target. */
  TargetBooks books() {
    return calls.books();
  }

  /** Hands on the rows that were written. */
  void flush() throws IOException {
    rows.flush();
  }

  /** How much pool is live and was live at most; empty = unknown. */
  List<TargetNote> pool() {
    BatchTarget batches = port.batches();
    if (batches == null || death != null) {
      return List.of();
    }
    try {
      return batches.pool();
    } catch (TargetFailure failure) {
      died(failure, null);
      return List.of();
    }
  }

  /** Forgets what comes behind the last event to be replayed; whether there was any. */
  private boolean cut() {
    Long until = options.until();
    if (until == null) {
      return false;
    }
    for (int row = 0; row < in.rows(); row++) {
      if (Long.compareUnsigned(in.seq(row), until) > 0) {
        in.setRows(row);
        return true;
      }
    }
    return false;
  }

  /** Ends the run. */
  ReplayReport end(boolean completeStart) throws IOException {
    if (!stopped && options.until() == null) {
      finish();
    }
    rows.flush();
    return report(completeStart);
  }

  /** What came out so far. */
  ReplayReport report(boolean completeStart) {
    return new ReplayReport(
        name,
        watch.events(),
        calls.count(),
        calls.count() - calls.differing(),
        log.counts(),
        log.first(),
        log.firsts(),
        log.kept(),
        calls.allocators(),
        calls.extraCalls(),
        calls.leftOut(),
        calls.notDriven(),
        watch.overlaps(),
        watch.firstLoss(),
        !completeStart,
        !stopped && options.until() == null && !watch.ended(),
        calls.notes(),
        death,
        List.of(),
        rows.shifts(),
        target.hasFixedAddresses(),
        options.from(),
        options.until(),
        pacer == null ? null : pacer.lateness());
  }

  private boolean batched(BatchedRows batches) throws IOException {
    recorded.resolve(in);
    return batches.run();
  }

  private boolean oneByOne() throws IOException {
    for (int from = 0; from < in.rows(); from += NEAR) {
      int to = Math.min(in.rows(), from + NEAR);
      recorded.resolve(in, from, to);
      for (int row = from; row < to; row++) {
        if (!row(row, false)) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * One event; false where the replay ends behind it.
   *
   * @param called whether its call was made already, so that the port has its result
   */
  private boolean row(int row, boolean called) throws IOException {
    watch.see(in, row);
    long before = log.contractCount();
    if (tape != null) {
      tape.begin(rows.written());
    }
    Long from = options.from();
    if (from != null) {
      log.mute(Long.compareUnsigned(in.seq(row), from) < 0);
    }
    try {
      port.requireAlive();
      calls.replay(row, called);
    } catch (TargetDied died) {
      died(died.thrown(), in.event(row));
      return false;
    }
    rowsDone++;
    if (tape != null && log.contractCount() > before) {
      tape.diverged();
    }
    return !options.stopAtFirst() || log.first() == null;
  }

  private void finish() {
    try {
      port.finish();
    } catch (TargetDied died) {
      died(died.thrown(), null);
    }
  }

  private void died(Throwable thrown, @Nullable TraceEvent underWay) {
    TraceEvent event = underWay;
    if (thrown instanceof TargetFailure failure && failure.call() != null) {
      TraceEvent waiting = calls.waiting(failure.call());
      event = waiting == null ? underWay : waiting;
    }
    death =
        new TargetDeath(
            event == null ? 0 : event.seq(),
            event == null ? "" : TraceText.format(event),
            thrown instanceof TargetFailure failure ? failure.what() : thrown.getClass().getName(),
            Objects.requireNonNullElse(thrown.getMessage(), ""),
            thrown instanceof TargetFailure failure ? failure.output() : List.of(),
            List.of());
  }
}
