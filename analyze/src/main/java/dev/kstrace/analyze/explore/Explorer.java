package dev.kstrace.analyze.explore;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.Severity;
import dev.kstrace.replay.Disturbances;
import dev.kstrace.replay.Divergence;
import dev.kstrace.replay.DivergenceKind;
import dev.kstrace.replay.Recording;
import dev.kstrace.replay.ReplayEngine;
import dev.kstrace.replay.ReplayOptions;
import dev.kstrace.replay.ReplayReport;
import dev.kstrace.replay.ReplayTarget;
import dev.kstrace.replay.TargetDeath;
import dev.kstrace.replay.order.Disturbed;
import dev.kstrace.replay.order.FailPlan;
import dev.kstrace.replay.order.Order;
import dev.kstrace.replay.order.OrderedEvents;
import dev.kstrace.replay.order.Orders;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.NewFile;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Replays a recording in other orders, each on a fresh target, and compares what goes wrong with
 * what goes wrong in the recorded order. Holds temporary files. Not thread-safe.
 *
 * <p>What another order may change is no problem: which call it is that gets no frame, as long as
 * there are no more such calls, whether a call waits for another, what follows from a call that was
 * made to fail. See docs/replay.md.
 */
public final class Explorer implements AutoCloseable {
  /** Metadata of a replayed order: its seed. */
  public static final String ORDER_KEY = "kstrace.replay.order";

  private final Recording recording;
  private final Supplier<ReplayTarget> target;
  private final Plan plan;
  private final ReplayJudging judging;
  private final Orders orders;
  private final Path folder;
  private final Set<Integer> different = new HashSet<>();
  private final Result recorded;

  /**
   * What is done to the calls.
   *
   * @param allocates which allocates fail
   * @param initializes which initializes fail
   * @param letIn whether calls let the next one in
   */
  public record Plan(FailPlan allocates, FailPlan initializes, boolean letIn) {}

  /**
   * What came of a replay.
   *
   * @param problems by identity
   * @param allocates which of them got no frame
   * @param initializes which of them failed
   */
  private record Result(Map<String, Problem> problems, Failed allocates, Failed initializes) {}

  /**
   * Calls that failed, against the recording.
   *
   * @param more calls that failed, or failed otherwise, where the recorded one did not
   * @param fewer how many did not fail where the recorded one did
   */
  private record Failed(List<Divergence> more, int fewer) {
    int balance() {
      return more.size() - fewer;
    }
  }

  /**
   * Explores a recording; replays the recorded order first.
   *
   * @param target makes a fresh target for each order
   * @param judging judges what the target does
   * @throws IOException if there is no place for temporary files
   */
  public Explorer(
      Recording recording, Supplier<ReplayTarget> target, Plan plan, ReplayJudging judging)
      throws IOException {
    this.recording = recording;
    this.target = target;
    this.plan = plan;
    this.judging = judging;
    this.orders = new Orders(recording);
    this.folder = Files.createTempDirectory("kstrace-explore-");
    NewFile.deleteAtEnd(folder); // where the process is interrupted; the last first
    NewFile.deleteAtEnd(scratch());
    Order order = orders.recorded();
    this.recorded = replay(order, Disturbances.NOTHING, scratch());
  }

  /** Whether only one order is legal, as all events are of one thread. */
  public boolean isOne() {
    return orders.isOne();
  }

  /**
   * What goes wrong in the recorded order already; what other allocates and initializes return
   * there is left out, a plain replay tells.
   */
  public List<Problem> recordedProblems() {
    return List.copyOf(recorded.problems.values());
  }

  /** How many orders were different so far, by what is done to their calls as well. */
  public int different() {
    return different.size();
  }

  /**
   * Replays the order of a seed.
   *
   * @throws IOException if the trace cannot be written or judged
   */
  public Tried attempt(long seed) throws IOException {
    return attempt(seed, scratch());
  }

  /** As {@link #attempt(long)}, with the trace in a file, which is replaced. */
  public Tried attempt(long seed, Path trace) throws IOException {
    Order order = orders.of(seed);
    Disturbed disturbed =
        Disturbed.of(recording, order, plan.allocates, plan.initializes, plan.letIn);
    Result result = replay(order, disturbed, trace);
    different.add(31 * order.print() + disturbed.print());
    Map<String, Problem> fresh = new LinkedHashMap<>(result.problems);
    fresh.keySet().removeAll(recorded.problems.keySet());
    more(fresh, order, result.allocates, recorded.allocates, "allocates without a frame");
    more(fresh, order, result.initializes, recorded.initializes, "initializes with another status");
    return new Tried(
        seed, order.way(), disturbed.letting(), disturbed.failing(), List.copyOf(fresh.values()));
  }

  /** Who is short of memory may be short of it at another call, but not more often. */
  private void more(
      Map<String, Problem> problems, Order order, Failed now, Failed before, String what) {
    if (now.balance() > before.balance() && !now.more.isEmpty()) {
      Divergence first = now.more.get(0);
      String text =
          String.format(
              Locale.ROOT,
              "%s: %d more than recorded, in the recorded order %d; the first one: %s",
              what,
              now.balance(),
              before.balance(),
              first.text());
      add(problems, order, Problem.Kind.DIVERGENCE, first.kind().label(), "", text, first.seq());
    }
  }

  private void add(
      Map<String, Problem> problems,
      Order order,
      Problem.Kind kind,
      String name,
      String detail,
      String text,
      long seq) {
    int place = place(seq);
    Long recordedSeq = place < 0 ? null : recording.events().seq(order.row(place));
    String identity = kind.label() + " " + name + " " + detail;
    problems.putIfAbsent(
        identity,
        new Problem(kind, name, identity, text, recordedSeq == null ? null : seq, recordedSeq));
  }

  /** The place of a {@code seq} in the recording, which is also that in every order; else -1. */
  private int place(long seq) {
    EventBatch events = recording.events();
    int low = 0;
    int high = recording.rows() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int difference = Long.compareUnsigned(events.seq(middle), seq);
      if (difference == 0) {
        return middle;
      }
      low = difference < 0 ? middle + 1 : low;
      high = difference < 0 ? high : middle - 1;
    }
    return -1;
  }

  private Path scratch() {
    return folder.resolve("order.arrow");
  }

  private Result replay(Order order, Disturbances disturbances, Path trace) throws IOException {
    ReplayOptions options = ReplayOptions.DEFAULTS.disturbedBy(disturbances);
    ReplayReport report;
    try (ReplayTarget fresh = target.get()) {
      TraceMetadata metadata = ReplayEngine.metadata(recording.metadata(), fresh, false);
      if (order.way() != Order.Way.RECORDED) {
        metadata = metadata.with(ORDER_KEY, order.way().label() + ", seed " + order.seed());
      }
      try (TraceWriter writer = TraceWriter.create(trace, metadata, true)) {
        report =
            new ReplayEngine(
                    options, Math.max(1, Math.min(TraceWriter.BATCH_ROWS, recording.rows())))
                .run(
                    new OrderedEvents(recording, order),
                    recording.metadata(),
                    fresh,
                    writer::write);
      }
    }
    return result(order, disturbances, report, trace);
  }

  private Result result(Order order, Disturbances disturbances, ReplayReport report, Path trace)
      throws IOException {
    Map<String, Problem> problems = new LinkedHashMap<>();
    List<Divergence> refusals = new ArrayList<>();
    List<Divergence> failures = new ArrayList<>();
    // A recorded failure that the target had no part in, as the call was made to fail or was not
    // made at all, leaves it one more of its own.
    int granted = asked(order, disturbances, Op.ALLOCATE);
    int made = asked(order, disturbances, Op.INITIALIZE);
    TargetDeath death = report.death();
    if (death != null) {
      Problem.Kind kind = Problem.Kind.DEATH;
      add(problems, order, kind, death.exception(), "", death.text(), death.seq());
    }
    for (Divergence divergence : report.divergences()) {
      DivergenceKind kind = divergence.kind();
      boolean asked = Disturbances.isFailing(disturbances.at(divergence.seq()));
      if (divergence.isRefusal()) {
        int place = place(divergence.seq());
        if (!asked && (place < 0 || !order.isBeyond(place))) {
          refusals.add(divergence);
        }
      } else if (kind == DivergenceKind.NULLNESS) {
        granted++;
      } else if (kind == DivergenceKind.SKIPPED) {
        int place = place(divergence.seq());
        granted += !asked && place >= 0 && failed(order.row(place), Op.ALLOCATE) ? 1 : 0;
      } else if (kind == DivergenceKind.STATUS) {
        if (divergence.got().equals(NtStatus.format(NtStatus.SUCCESS))) {
          made++;
        } else if (!asked) {
          failures.add(divergence);
        }
      } else if (kind == DivergenceKind.ALIAS || kind == DivergenceKind.IRQL) {
        Problem.Kind what = Problem.Kind.DIVERGENCE;
        add(problems, order, what, kind.label(), "", divergence.text(), divergence.seq());
      }
    }
    for (Finding finding : judging.findings(trace)) {
      if (finding.severity() != Severity.INFO) {
        long seq = report.shifts().recorded(finding.seq());
        Problem.Kind what = Problem.Kind.FINDING;
        String print = finding.fingerprint();
        add(problems, order, what, finding.rule(), print, finding.message(), seq);
      }
    }
    return new Result(problems, new Failed(refusals, granted), new Failed(failures, made));
  }

  /** How many calls that failed in the recording were made to fail. */
  private int asked(Order order, Disturbances disturbances, Op op) {
    EventBatch events = recording.events();
    int count = 0;
    for (int place = 0; place < recording.rows(); place++) {
      boolean made = Disturbances.isFailing(disturbances.at(events.seq(place)));
      count += made && failed(order.row(place), op) ? 1 : 0;
    }
    return count;
  }

  /** Whether a row is an allocate, or an initialize, that failed in the recording. */
  private boolean failed(int row, Op op) {
    EventBatch events = recording.events();
    if (events.op(row) != op.code()) {
      return false;
    }
    return op == Op.ALLOCATE
        ? events.has(row, EventBatch.FRAME) && events.frame(row) == 0
        : events.has(row, EventBatch.STATUS) && !NtStatus.isSuccess(events.status(row));
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(scratch());
    Files.deleteIfExists(folder);
  }
}
