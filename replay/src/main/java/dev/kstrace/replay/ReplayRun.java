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
final class ReplayRun implements BatchedRows.Steps {
  private final ReplayTarget target;
  private final String name;
  private final TargetPort port;
  private final ReplayOptions options;
  private final EventBatch in;
  private final ReplayedRows rows;
  private final DivergenceLog log;
  private final RecordingWatch watch = new RecordingWatch();
  private final CallResolver resolver = new CallResolver();
  private final RecordedCalls recorded;
  private final CallReplayer calls;
  private final @Nullable BatchedRows batched;
  private final @Nullable Pacer pacer;
  private final @Nullable PlainCalls plain;
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
    boolean plainly = instruments.areNone() && options.arePlain();
    this.plain = plainly && rows.isUnread() ? calls.plain(target) : null;
    this.batched =
        batches == null || pacer != null
            ? null
            : new BatchedRows(
                in, recorded, batches, port, calls, options.disturbances(), plain, this);
  }

  ReplayReport replay(ReplayEngine.Source source, boolean completeStart) throws IOException {
    try (ReadAhead ahead = new ReadAhead(source, resolver)) {
      while (ahead.next(in, recorded) && goThrough()) {
        // all is done in there
      }
    }
    return end(completeStart);
  }

  /** Replays the next batch; false where there is none, or nothing comes behind it. */
  boolean take(ReplayEngine.Source source) throws IOException {
    return !stopped && resolver.read(source, in, recorded) && goThrough();
  }

  /** Replays the batch at hand; false where nothing comes behind it. */
  private boolean goThrough() throws IOException {
    boolean last = cut();
    rowsDone = 0;
    stopped = !(batched == null ? oneByOne() : batched.run());
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
  CallResolver recorded() {
    return resolver;
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
        calls.counts().calls(),
        calls.counts().calls() - calls.counts().differing(),
        log.counts(),
        log.first(),
        log.firsts(),
        log.kept(),
        calls.allocators(),
        calls.extraCalls(),
        calls.counts().allLeftOut(),
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

  private boolean oneByOne() throws IOException {
    int row = 0;
    while (row < in.rows()) {
      if (plain != null && calls.owesNothing()) {
        row = plainRows(plain, row);
      }
      if (death != null || (row < in.rows() && !row(row++, false))) {
        return false;
      }
    }
    return true;
  }

  /** As many plain events as there are from a row on; the row behind them. */
  private int plainRows(PlainCalls loop, int from) throws IOException {
    int to;
    try {
      to = loop.run(from, in.rows());
      wentThrough(from, to);
    } catch (TargetDied died) {
      to = loop.atHand() + 1;
      wentThrough(from, to);
      rowsDone--;
      died(died.thrown(), in.event(loop.atHand()));
    }
    return to;
  }

  @Override
  public void wentThrough(int from, int to) {
    watch.see(in, from, to, recorded.areCalm());
    rowsDone += to - from;
  }

  /**
   * One event; false where the replay ends behind it.
   *
   * @param called whether its call was made already, so that the port has its result
   */
  @Override
  public boolean row(int row, boolean called) throws IOException {
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
