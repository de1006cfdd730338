package dev.kstrace.analyze.report;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.Timeline;
import dev.kstrace.analyze.Timeline.AllocatorLife;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.TracePass;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Nanos;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.ReadProgress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A trace in numbers for drawing: outstanding frames over time, who held which slot when, how long
 * frames lived and calls took, calls per second, threads. Times are in ns since the begin of the
 * trace. Not thread-safe.
 */
public final class Overview {
  private final Timeline timeline;
  private final Seen seen;
  private final Seen blamed;

  /** The allocators that were made, those first that are to be kept longest. */
  private final List<Long> ranking;

  private final Map<Long, Chart> charts = new TreeMap<>();
  private final Map<Long, Slots> slots = new TreeMap<>();
  private final SortedMap<String, PinTimes> times = new TreeMap<>();
  private final Rates rates;
  private final ThreadCounts threads = new ThreadCounts();

  /**
   * Outstanding frames of one allocator, at its callbacks.
   *
   * @param crossing when they first were more than {@code Frames}; null = they never were
   */
  public record Chart(
      AllocatorLife allocator, StepSeries outstanding, @Nullable Crossing crossing) {
    Chart crossedAt(Crossing place) {
      return new Chart(allocator, outstanding, place);
    }
  }

  /** The allocate that made frames more than {@code Frames}. */
  public record Crossing(long seq, long time) {}

  /**
   * What is measured of one pin, at the callbacks of its allocators.
   *
   * @param lifetimes from the return of allocate to the entry of free
   * @param allocates from entry to return
   * @param frees from entry to return
   */
  public record PinTimes(Durations lifetimes, Durations allocates, Durations frees) {
    PinTimes() {
      this(new Durations(), new Durations(), new Durations());
    }

    void addAll(PinTimes other) {
      lifetimes.addAll(other.lifetimes);
      allocates.addAll(other.allocates);
      frees.addAll(other.frees);
    }
  }

  /** A stretch of time in which events were lost; {@code loss} says how many. */
  public record Gap(Timeline.Loss loss, long from, long to) {}

  private Overview(Verdict verdict, Detail detail) {
    timeline = Timeline.of(verdict.facts());
    seen = new Seen(wanted(verdict.findings()));
    blamed = new Seen(verdict.findings().stream().map(Finding::seq).toList());
    rates = new Rates(durationNs());
    List<AllocatorLife> made = ranked(verdict.findings());
    ranking = made.stream().map(AllocatorLife::allocId).toList();
    int charted = Math.min(detail.charts(), made.size());
    int points = Math.max(8, 2 * detail.points() / Math.max(1, charted));
    for (AllocatorLife life : made.subList(0, charted)) {
      charts.put(life.allocId(), new Chart(life, new StepSeries(points), null));
    }
    int spans = Math.max(8, 2 * detail.spans() / Math.max(1, detail.lanes()));
    for (AllocatorLife life : made.subList(0, Math.min(detail.slotTables(), made.size()))) {
      slots.put(life.allocId(), new Slots(life.allocId(), detail.lanes(), spans));
    }
  }

  /**
   * Reads the trace once more.
   *
   * @throws IOException if the file cannot be read any more
   */
  public static Overview of(Verdict verdict, Detail detail, ReadProgress progress)
      throws IOException {
    Overview overview = new Overview(verdict, detail);
    TraceFacts facts = verdict.facts();
    TracePass.run(facts, new Pass(overview), progress);
    overview.fit(detail);
    return overview;
  }

  private List<Long> wanted(List<Finding> findings) {
    List<Long> seqs = new ArrayList<>();
    for (Finding finding : findings) {
      seqs.add(finding.seq());
    }
    timeline.losses().forEach(loss -> seqs.add(loss.seq()));
    return seqs;
  }

  /** Allocators that were made: those with the gravest findings first, then the busiest. */
  private List<AllocatorLife> ranked(List<Finding> findings) {
    Map<Long, Integer> gravest = new HashMap<>();
    for (Finding finding : findings) {
      if (finding.allocId() != null) {
        gravest.merge(finding.allocId(), weight(finding.severity()), Math::max);
      }
    }
    return timeline.allocators().stream()
        .filter(AllocatorLife::created)
        .sorted(
            Comparator.comparing((AllocatorLife life) -> gravest.getOrDefault(life.allocId(), 0))
                .thenComparing(AllocatorLife::allocates)
                .reversed()
                .thenComparing(AllocatorLife::allocId))
        .toList();
  }

  private static int weight(Severity severity) {
    return switch (severity) {
      case ERROR -> 3;
      case WARNING -> 2;
      case INFO -> 1;
    };
  }

  /** Makes it as small as another detail wants it; what is left out stays out. */
  public void fit(Detail detail) {
    keep(charts, detail.charts());
    keep(slots, detail.slotTables());
    int points = charts.values().stream().mapToInt(chart -> chart.outstanding().size()).sum();
    for (int most = 1 << 20; points > detail.points() && most > 1; most /= 2) {
      points = 0;
      for (Chart chart : charts.values()) {
        chart.outstanding().coarsen(most);
        points += chart.outstanding().size();
      }
    }
    List<Spans> all =
        slots.values().stream()
            .flatMap(table -> table.all().stream())
            .map(Slots.Slot::spans)
            .toList();
    int spans = all.stream().mapToInt(Spans::size).sum();
    for (int most = 1 << 20; spans > detail.spans() && most > 1; most /= 2) {
      spans = 0;
      for (Spans lane : all) {
        lane.coarsen(most);
        spans += lane.size();
      }
    }
  }

  private <T> void keep(Map<Long, T> map, int most) {
    List<Long> kept = ranking.subList(0, Math.min(most, ranking.size()));
    map.keySet().retainAll(new HashSet<>(kept));
  }

  /** From the earliest to the latest time, ns. */
  public long durationNs() {
    return since(timeline.lastNs());
  }

  /** A recorded time as ns since the begin of the trace; one before it is 0. */
  public long since(long timeNs) {
    if (timeNs <= timeline.firstNs()) {
      return 0;
    }
    return Math.min(Nanos.between(timeline.firstNs(), timeNs), Long.MAX_VALUE - 1);
  }

  /** What stands still. */
  public Timeline timeline() {
    return timeline;
  }

  /** Drawings of outstanding frames, by number of the allocator. */
  public List<Chart> charts() {
    return List.copyOf(charts.values());
  }

  /** Slots, by number of the allocator. */
  public List<Slots> slots() {
    return List.copyOf(slots.values());
  }

  /** Times by name of the pin; all pins together under the empty name, if there are several. */
  public SortedMap<String, PinTimes> times() {
    SortedMap<String, PinTimes> all = new TreeMap<>(times);
    if (times.size() > 1) {
      PinTimes sum = new PinTimes();
      times.values().forEach(sum::addAll);
      all.put("", sum);
    }
    return all;
  }

  /** Calls per second. */
  public Rates rates() {
    return rates;
  }

  /** Threads. */
  public List<ThreadCounts.Counts> threads() {
    return threads.all();
  }

  /** Where events were lost, in file order. */
  public List<Gap> gaps() {
    List<Gap> gaps = new ArrayList<>();
    for (Timeline.Loss loss : timeline.losses()) {
      long to = since(loss.timeNs());
      long before = seen.before(loss.seq());
      gaps.add(new Gap(loss, before == Seen.NEVER ? to : Math.min(before, to), to));
    }
    return gaps;
  }

  /** When the blamed event of a finding was; null = it is not in the trace. */
  public @Nullable Long time(Finding finding) {
    long time = seen.time(finding.seq());
    return time == Seen.NEVER ? null : Long.valueOf(time);
  }

  /** What the pass writes into. */
  private static final class Pass implements TracePass.Listener {
    private final Overview to;
    private final List<AllocatorLife> allocators;
    private final @Nullable PinTimes[] timesOf;
    private final @Nullable Chart[] charts;
    private final @Nullable Slots[] slots;
    private long previous;

    Pass(Overview to) {
      this.to = to;
      allocators = to.timeline.allocators();
      timesOf = new @Nullable PinTimes[allocators.size() + 1];
      charts = new @Nullable Chart[timesOf.length];
      slots = new @Nullable Slots[timesOf.length];
      to.charts.forEach((allocId, chart) -> charts[allocId.intValue()] = chart);
      to.slots.forEach((allocId, table) -> slots[allocId.intValue()] = table);
    }

    @Override
    public void row(EventBatch batch, int row) {
      long time = to.since(batch.tEntry(row));
      to.seen.note(batch.seq(row), time, previous);
      to.threads.add(batch, row);
      previous = time;
    }

    @Override
    public void call(EventBatch batch, int row, long allocId, int live) {
      int op = batch.op(row);
      long entry = to.since(batch.tEntry(row));
      to.rates.add(op, entry);
      if (batch.layer(row) != Layer.CALLBACK.code()) {
        return;
      }
      boolean returned = batch.has(row, EventBatch.T_EXIT);
      if (returned && op == Op.ALLOCATE.code()) {
        times(allocId).allocates().add(Nanos.between(batch.tEntry(row), batch.tExit(row)));
      } else if (returned && op == Op.FREE.code()) {
        times(allocId).frees().add(Nanos.between(batch.tEntry(row), batch.tExit(row)));
      }
      if (live >= 0) {
        boolean allocate = op == Op.ALLOCATE.code();
        long time = allocate && returned ? to.since(batch.tExit(row)) : entry;
        changed(allocId, batch.seq(row), time, live);
      }
    }

    private void changed(long allocId, long seq, long time, int live) {
      Chart chart = charts[(int) allocId];
      if (chart == null) {
        return;
      }
      chart.outstanding().add(time, live);
      Framing framing = chart.allocator().framing();
      long limit = framing == null ? 0 : framing.frameLimit();
      if (chart.crossing() == null && limit > 0 && live > limit) {
        Chart crossed = chart.crossedAt(new Crossing(seq, time));
        charts[(int) allocId] = crossed;
        to.charts.put(allocId, crossed);
      }
    }

    private PinTimes times(long allocId) {
      int index = (int) allocId;
      PinTimes known = timesOf[index];
      if (known == null) {
        String pin = index == 0 ? Timeline.UNNAMED : allocators.get(index - 1).pinName();
        known = to.times.computeIfAbsent(pin, name -> new PinTimes());
        timesOf[index] = known;
      }
      return known;
    }

    @Override
    public void frame(TracePass.Frame frame) {
      if (!frame.isCallbackLayer()) {
        return;
      }
      if (frame.isFreed()) {
        times(frame.allocId()).lifetimes().add(frame.freeTime() - frame.allocateTime());
      }
      Slots table = slots[(int) frame.allocId()];
      if (table != null) {
        long start = to.since(frame.allocateTime());
        long end = frame.isFreed() ? Math.max(start, to.since(frame.freeTime())) : Long.MAX_VALUE;
        table.add(frame, start, end, isFlagged(frame));
      }
    }

    private boolean isFlagged(TracePass.Frame frame) {
      return to.blamed.isWanted(frame.allocateSeq())
          || (frame.isFreed() && to.blamed.isWanted(frame.freeSeq()));
    }
  }
}
