package dev.kstrace.replay;

import dev.kstrace.replay.TargetPort.TargetDied;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One replay from the first event to the last; used once. Not thread-safe. */
final class ReplayRun {
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
  private @Nullable TargetDeath death;

  ReplayRun(ReplayTarget target, ReplayOptions options, EventBatch in, ReplayedRows rows) {
    this.target = target;
    this.name = target.name();
    this.port = new TargetPort(target, options.disturbances());
    this.options = options;
    this.in = in;
    this.rows = rows;
    this.log = new DivergenceLog(options.keep());
    this.recorded = new RecordedCalls(in.capacity());
    this.calls = new CallReplayer(in, rows, port, recorded, log, options);
    BatchTarget batches = port.batches();
    this.batched =
        batches == null
            ? null
            : new BatchedRows(
                in, recorded, batches, port, calls, options.disturbances(), this::row);
  }

  ReplayReport replay(ReplayEngine.Source source, boolean completeStart) throws IOException {
    boolean goOn = true;
    while (goOn && source.read(in)) {
      recorded.resolve(in);
      goOn = batched == null ? oneByOne() : batched.run();
      log.endOfBatch(in);
    }
    if (goOn) {
      finish();
    }
    rows.flush();
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
        goOn && !watch.ended(),
        calls.notes(),
        death,
        List.of(),
        rows.shifts(),
        target.hasFixedAddresses());
  }

  private boolean oneByOne() throws IOException {
    for (int row = 0; row < in.rows(); row++) {
      if (!row(row, false)) {
        return false;
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
    try {
      port.requireAlive();
      calls.replay(row, called);
    } catch (TargetDied died) {
      died(died.thrown(), in.event(row));
      return false;
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
