package dev.kstrace.analyze;

import dev.kstrace.analyze.ManyTraces.Found;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The rules on frames in RUN once more, as plainly as possible: each question looks through all
 * frames and all times. Shares no code with the tracker, the tables and the SQL; slow, and for
 * legal traffic in order of seq and time at the callback layer.
 */
final class StreamOracle {
  /** The rules that it knows. */
  static final List<String> RULES =
      List.of(
          "outstanding-growth",
          "frames-outstanding-at-stop",
          "frame-held-too-long",
          "allocation-churn");

  private static final int INITIALIZE = 1;
  private static final int ALLOCATE = 2;
  private static final int FREE = 3;
  private static final int DELETE = 4;
  private static final int PIN_CREATE = 16;
  private static final int PIN_CLOSE = 17;
  private static final int PIN_STATE = 18;
  private static final int STOP = 0;
  private static final int RUN = 3;
  private static final long SECOND = 1_000_000_000;
  private static final int NEVER = Integer.MAX_VALUE;
  private static final Pattern STEP = Pattern.compile(".*\"to\":(\\d).*\"period_ns\":(\\d+).*");

  private static final class Frame {
    int allocateRow;
    long from;
    long address;
    long to = Long.MAX_VALUE;
    int freeRow = NEVER;
  }

  /** A time in RUN of an allocator. */
  private static final class Run {
    int startRow;
    int endRow = NEVER;
    long start;
    long end;
    long period;
    int stopRow = -1;
    int restartRow = -1;
  }

  private static final class Allocator {
    long context;
    long pin;
    Framing framing;
    boolean slab;
    boolean deleted;
    boolean stopped;
    boolean pinClosed;
    final List<Frame> frames = new ArrayList<>();
    final List<Run> runs = new ArrayList<>();
    final List<Integer> frees = new ArrayList<>();
    Run running;
  }

  private final List<TraceEvent> events;
  private final Rows rows;
  private final List<Allocator> allocators = new ArrayList<>();
  private final List<Found> found = new ArrayList<>();

  private StreamOracle(RandomTraces.Trace trace) {
    events = trace.events();
    rows = new Rows(trace);
  }

  /** The findings of {@link #RULES}, sorted. */
  static List<Found> judge(RandomTraces.Trace trace) {
    StreamOracle oracle = new StreamOracle(trace);
    for (int row = 0; row < trace.events().size(); row++) {
      oracle.take(row, trace.events().get(row));
    }
    long last = trace.events().get(trace.events().size() - 1).tEntry();
    for (TraceEvent event : trace.events()) {
      last = event.tExit() == null ? last : Math.max(last, event.tExit());
    }
    for (Allocator allocator : oracle.allocators) {
      oracle.leave(allocator, NEVER, last);
    }
    oracle.allocators.forEach(oracle::judge);
    oracle.found.sort(null);
    return oracle.found;
  }

  private void take(int row, TraceEvent event) {
    switch (event.op()) {
      case INITIALIZE -> initialize(row, event);
      case PIN_STATE -> step(row, event);
      case PIN_CLOSE -> {
        for (Allocator allocator : on(event.pin())) {
          leave(allocator, row, event.tEntry());
          allocator.stopped = false;
          allocator.pinClosed = true;
        }
      }
      case ALLOCATE -> {
        Frame frame = new Frame();
        frame.allocateRow = row;
        frame.from = event.tExit();
        frame.address = event.frame();
        of(event.context()).frames.add(frame);
      }
      case FREE -> {
        Allocator allocator = of(event.context());
        allocator.frees.add(row);
        for (Frame frame : allocator.frames) {
          if (frame.address == event.frame()) {
            frame.to = event.tEntry();
            frame.freeRow = row;
          }
        }
      }
      case DELETE -> {
        Allocator allocator = of(event.context());
        leave(allocator, row, event.tEntry());
        allocator.deleted = true;
      }
      default -> {}
    }
  }

  private Allocator of(long context) {
    return allocators.stream()
        .filter(allocator -> allocator.context == context && !allocator.deleted)
        .findFirst()
        .orElseThrow();
  }

  /** The allocators that are there and that were made in this life of a pin. */
  private List<Allocator> on(long pin) {
    return allocators.stream().filter(a -> a.pin == pin && !a.deleted && !a.pinClosed).toList();
  }

  private void initialize(int row, TraceEvent event) {
    Allocator allocator = new Allocator();
    allocator.context = event.context();
    allocator.pin = event.pin();
    allocator.framing = event.framing();
    allocators.add(allocator);
    int state = STOP;
    long period = 0;
    for (TraceEvent before : events.subList(0, row)) {
      if (before.op() == PIN_CREATE && before.pin().equals(event.pin())) {
        state = STOP;
        period = 0;
        allocator.slab = before.detail().contains("slab");
      } else if (before.op() == PIN_STATE && before.pin().equals(event.pin())) {
        state = to(before);
        period = period(before) > 0 ? period(before) : period;
      }
    }
    allocator.stopped = state == STOP;
    if (state == RUN) {
      enter(allocator, row, event.tEntry(), period);
    }
  }

  private static int to(TraceEvent step) {
    return (int) number(step, 1);
  }

  private static long period(TraceEvent step) {
    return number(step, 2);
  }

  private static long number(TraceEvent step, int group) {
    Matcher parts = STEP.matcher(step.detail());
    if (!parts.matches()) {
      throw new IllegalArgumentException(step.detail());
    }
    return Long.parseLong(parts.group(group));
  }

  private void step(int row, TraceEvent event) {
    for (Allocator allocator : on(event.pin())) {
      int to = to(event);
      if (to != RUN) {
        leave(allocator, row, event.tEntry());
      }
      Run last = allocator.runs.isEmpty() ? null : allocator.runs.get(allocator.runs.size() - 1);
      if (to != STOP && allocator.stopped) {
        allocator.stopped = false;
        if (last != null && last.stopRow >= 0 && last.restartRow < 0) {
          last.restartRow = row;
        }
      }
      if (to == RUN) {
        enter(allocator, row, event.tEntry(), knownPeriod(row, event.pin()));
      } else if (to == STOP && !allocator.stopped) {
        allocator.stopped = true;
        if (last != null && last.stopRow < 0) {
          last.stopRow = row;
        }
      }
    }
  }

  /** The last period that was said in this life of the pin, up to and with a row. */
  private long knownPeriod(int row, long pin) {
    long period = 0;
    for (TraceEvent before : events.subList(0, row + 1)) {
      if (before.pin() != null && before.pin() == pin && before.op() == PIN_CREATE) {
        period = 0;
      } else if (before.pin() != null && before.pin() == pin && before.op() == PIN_STATE) {
        period = period(before) > 0 ? period(before) : period;
      }
    }
    return period;
  }

  private static void enter(Allocator allocator, int row, long time, long period) {
    Run run = new Run();
    run.startRow = row;
    run.start = time;
    run.period = period;
    allocator.runs.add(run);
    allocator.running = run;
  }

  private void leave(Allocator allocator, int row, long time) {
    if (allocator.running != null) {
      allocator.running.endRow = row;
      allocator.running.end = time;
      allocator.running = null;
    }
  }

  private void judge(Allocator allocator) {
    boolean leaks = allocator.frames.stream().anyMatch(frame -> frame.freeRow == NEVER);
    boolean excused = allocator.slab || (leaks && rows.isCleanEnd());
    for (Run run : allocator.runs) {
      if (!excused) {
        growth(allocator, run);
        stop(allocator, run);
        held(allocator, run);
      }
    }
    churn(allocator);
  }

  private boolean isLossless() {
    return !rows.lost(0, events.size() - 1);
  }

  private void add(String rule, Severity severity, int row) {
    found.add(rows.found(rule, isLossless() ? severity : Severity.INFO, rows.isWhole(), row));
  }

  /** The fewest frames out at any moment from one time to another. */
  private static int least(Allocator allocator, Run run, long from, long to) {
    int least = out(allocator, from);
    for (Frame frame : allocator.frames) {
      if (frame.freeRow > run.startRow && frame.to >= from && frame.to < to) {
        least = Math.min(least, out(allocator, frame.to));
      }
    }
    return least;
  }

  /** How many frames are out at a moment of RUN, a free in that moment done. */
  private static int out(Allocator allocator, long time) {
    int out = 0;
    for (Frame frame : allocator.frames) {
      out += frame.from <= time && frame.to > time ? 1 : 0;
    }
    return out;
  }

  private void growth(Allocator allocator, Run run) {
    long windows = (run.end - run.start) / (5 * SECOND);
    if (windows < 10) {
      return;
    }
    int rises = 0;
    int falls = 0;
    int highest = 0;
    int before = -1;
    for (int i = 0; i < windows; i++) {
      long from = run.start + i * 5L * SECOND;
      int least = least(allocator, run, from, from + 5 * SECOND);
      rises += before >= 0 && least > before ? 1 : 0;
      falls += before >= 0 && least < before ? 1 : 0;
      highest = Math.max(highest, least);
      before = least;
    }
    int limit = allocator.framing.frames();
    if (rises >= 3 && falls == 0 && (limit == 0 || highest < limit)) {
      add("outstanding-growth", Severity.WARNING, run.startRow);
    }
  }

  /** Frames of a run that are out when a row comes. */
  private static long outOfRun(Allocator allocator, Run run, int row) {
    return allocator.frames.stream()
        .filter(frame -> frame.allocateRow > run.startRow && frame.allocateRow < row)
        .filter(frame -> frame.freeRow > row)
        .count();
  }

  private static long freesIn(Allocator allocator, Run run) {
    return allocator.frees.stream().filter(r -> r > run.startRow && r < run.endRow).count();
  }

  private void stop(Allocator allocator, Run run) {
    if (run.stopRow < 0
        || freesIn(allocator, run) < 8
        || outOfRun(allocator, run, run.stopRow) == 0) {
      return;
    }
    boolean outlives = run.restartRow >= 0 && outOfRun(allocator, run, run.restartRow) > 0;
    add("frames-outstanding-at-stop", outlives ? Severity.WARNING : Severity.INFO, run.stopRow);
  }

  private void held(Allocator allocator, Run run) {
    Frame longest = null;
    long heldNs = 0;
    for (Frame frame : allocator.frames) {
      if (frame.allocateRow > run.startRow && frame.allocateRow < run.endRow) {
        long held = Math.min(frame.to, run.end) - frame.from;
        if (held > heldNs) {
          heldNs = held;
          longest = frame;
        }
      }
    }
    long allowed = Math.max(SECOND, 10 * run.period);
    if (longest == null || heldNs < allowed) {
      return;
    }
    int others = 0;
    for (long from = run.start; from + SECOND <= run.end; from += SECOND) {
      if (from >= longest.from + allowed && from + SECOND <= longest.from + heldNs) {
        for (int row : allocator.frees) {
          long time = events.get(row).tEntry();
          boolean inside = row > run.startRow && row < run.endRow;
          others += inside && time >= from && time < from + SECOND ? 1 : 0;
        }
      }
    }
    if (others >= 30) {
      add("frame-held-too-long", Severity.WARNING, longest.allocateRow);
    }
  }

  private void churn(Allocator allocator) {
    int first = -1;
    for (Run run : allocator.runs) {
      long length = run.end - run.start;
      long allocates =
          allocator.frames.stream()
              .filter(f -> f.allocateRow > run.startRow && f.allocateRow < run.endRow)
              .count();
      long pairs = Math.min(allocates, freesIn(allocator, run));
      if (length >= 10 * SECOND && run.period > 0 && pairs * run.period >= length / 2.0) {
        first = first < 0 ? run.startRow : first;
      }
    }
    if (first >= 0) {
      found.add(rows.found("allocation-churn", Severity.INFO, false, first));
    }
  }
}
