package dev.kstrace.analyze;

import dev.kstrace.analyze.ManyTraces.Found;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.TraceEvent;
import java.util.ArrayList;
import java.util.List;

/**
 * The rules on frames and on the life of allocators once more, as plainly as possible: lists that
 * are searched from end to end, and a look back over the rows wherever a loss may matter.
 *
 * <p>Shares no code with the tracker, the tables and the SQL; slow, and for rows in order of seq.
 */
final class Oracle {
  /** The rules that it knows. */
  static final List<String> RULES =
      List.of(
          "callback-without-initialize",
          "use-after-delete",
          "double-delete",
          "allocator-not-deleted",
          "delete-after-failed-initialize",
          "null-context",
          "shared-context",
          "illegal-initialize-status",
          "frames-outstanding-at-delete",
          "double-free",
          "free-of-unknown-frame",
          "free-through-wrong-allocator",
          "free-null",
          "frame-leak",
          "interior-free",
          "duplicate-live-address",
          "overlapping-frames",
          "outstanding-exceeds-frames",
          "allocate-beyond-failure",
          "repeated-allocation-failure");

  private static final int FEWEST_FAILURES = 3;
  private static final double LEAST_SHARE = 0.02;
  private static final int LONG_ROW = 16;
  private static final long LONG_ROW_NS = 1_000_000_000;

  private static final int PIN_CREATE = 16;
  private static final int INITIALIZE = 1;
  private static final int ALLOCATE = 2;
  private static final int FREE = 3;
  private static final int DELETE = 4;
  private static final int DRIVER_UNLOAD = 32;
  private static final int EVENTS_LOST = 34;
  private static final int TRACE_END = 35;

  private static final class Allocator {
    int row;
    long context;
    Framing framing;
    int deleteRow = -1;
    boolean unloaded;
    int outstandingAtDelete;
    int surelyOutstandingAtDelete;
    final List<Attempt> attempts = new ArrayList<>();
  }

  /** A callback-layer allocate, by its row. */
  private record Attempt(int row, boolean failed, int outstanding) {}

  private static final class Frame {
    Allocator owner;
    int layer;
    long address;
    int row;
    long bytes;
    boolean live = true;
    boolean contradictory;
    boolean overlapping;
    boolean freed;
    int freeRow = -1;
  }

  private final List<TraceEvent> events;
  private final boolean completeStart;
  private final List<Allocator> allocators = new ArrayList<>();
  private final List<Frame> frames = new ArrayList<>();
  private final List<Integer> failedInitializes = new ArrayList<>();
  private final List<Integer> misused = new ArrayList<>();
  private final List<Found> found = new ArrayList<>();

  private Oracle(RandomTraces.Trace trace) {
    events = trace.events();
    completeStart = trace.metadata().completeStart();
  }

  /** The findings of {@link #RULES}, sorted. */
  static List<Found> judge(RandomTraces.Trace trace) {
    Oracle oracle = new Oracle(trace);
    for (int row = 0; row < trace.events().size(); row++) {
      oracle.take(row);
    }
    oracle.end();
    oracle.found.sort(null);
    return oracle.found;
  }

  private void take(int row) {
    TraceEvent event = events.get(row);
    if (event.op() == DRIVER_UNLOAD) {
      allocators.forEach(a -> a.unloaded |= a.deleteRow < 0);
    } else if (event.op() == INITIALIZE) {
      initialize(row, event);
    } else if (event.op() >= ALLOCATE && event.op() <= DELETE) {
      call(row, event);
    }
  }

  private void initialize(int row, TraceEvent event) {
    int status = event.status();
    if (status > 0) {
      add("illegal-initialize-status", Severity.ERROR, true, row);
    } else if (Integer.toHexString(status).matches("[89ab].{7}")) {
      add("illegal-initialize-status", Severity.WARNING, true, row);
    }
    if (status < 0) {
      failedInitializes.add(row);
      return;
    }
    Allocator allocator = new Allocator();
    allocator.row = row;
    allocator.context = event.context();
    allocator.framing = event.framing();
    if (event.context() == 0) {
      long pins = events.stream().filter(e -> e.op() == PIN_CREATE).count();
      add("null-context", pins > 1 ? Severity.WARNING : Severity.INFO, true, row);
    } else {
      Allocator other = meant(event.context());
      if (other != null && other.deleteRow < 0) {
        boolean doubt = lost(other.row, row);
        add("shared-context", doubt ? Severity.INFO : Severity.WARNING, !doubt, row);
      }
    }
    allocators.add(allocator);
  }

  private void call(int row, TraceEvent event) {
    Allocator allocator = meant(event.context());
    boolean callback = event.layer() == 1;
    if (allocator == null) {
      if (callback) {
        boolean doubt = !completeStart || lost(0, row);
        report("callback-without-initialize", row, doubt, false);
        misuse(row, event.context(), doubt);
      }
      return;
    }
    if (allocator.deleteRow >= 0) {
      afterDelete(row, event, allocator);
    } else if (event.op() == ALLOCATE) {
      allocate(row, event, allocator);
    } else if (event.op() == FREE) {
      free(row, event, allocator);
    } else {
      delete(row, allocator);
    }
  }

  /** The first call with what the last failed initialize of a context left behind. */
  private void misuse(int row, long context, boolean doubt) {
    for (int i = failedInitializes.size() - 1; i >= 0; i--) {
      int failed = failedInitializes.get(i);
      if (events.get(failed).context() == context) {
        if (!misused.contains(failed)) {
          add("delete-after-failed-initialize", Severity.INFO, !doubt, row);
          misused.add(failed);
        }
        return;
      }
    }
  }

  /** The newest live allocator of a context, else the newest deleted one. */
  private Allocator meant(long context) {
    Allocator deleted = null;
    for (int i = allocators.size() - 1; i >= 0; i--) {
      Allocator candidate = allocators.get(i);
      if (candidate.context == context) {
        if (candidate.deleteRow < 0) {
          return candidate;
        }
        deleted = deleted == null ? candidate : deleted;
      }
    }
    return deleted;
  }

  private void afterDelete(int row, TraceEvent event, Allocator allocator) {
    boolean doubt = lost(allocator.deleteRow, row);
    boolean origin = !completeStart || lost(0, row);
    if (event.op() == DELETE) {
      report("double-delete", row, doubt, origin);
      return;
    }
    long deleted = events.get(allocator.deleteRow).tEntry();
    boolean inside = event.tEntry() < deleted && (event.tExit() == null || event.tExit() > deleted);
    if (event.layer() == 1 && !inside) {
      report("use-after-delete", row, doubt, origin);
    }
    if (event.op() == FREE) {
      Frame frame = unfreed(allocator, event);
      if (frame != null) {
        end(frame, row);
        Allocator owner = frame.owner;
        if (inside && event.layer() == 1 && !frame.contradictory && owner.deleteRow >= 0) {
          owner.outstandingAtDelete--;
          if (!lost(frame.row, owner.deleteRow)) {
            owner.surelyOutstandingAtDelete--;
          }
        }
      }
    }
  }

  private void allocate(int row, TraceEvent event, Allocator allocator) {
    int layer = event.layer();
    if (layer == 1) {
      int outstanding = 0;
      for (Frame frame : frames) {
        outstanding += frame.owner == allocator && frame.layer == 1 && frame.live ? 1 : 0;
      }
      allocator.attempts.add(new Attempt(row, event.frame() == 0, outstanding));
    }
    if (event.frame() == 0) {
      return;
    }
    Frame same = null;
    for (Frame frame : frames) {
      if (frame.owner == allocator && frame.layer == layer && frame.address == event.frame()) {
        same = frame.live && !frame.contradictory ? frame : same;
      }
    }
    if (same != null) {
      report("duplicate-live-address", row, lost(same.row, row), lost(allocator.row, row));
      return;
    }
    Frame frame = new Frame();
    frame.owner = allocator;
    frame.layer = layer;
    frame.address = event.frame();
    frame.row = row;
    frame.bytes = event.size() != null ? event.size() : allocator.framing.frameSize();
    // An earlier contradictory frame at the address is forgotten.
    frames.removeIf(
        old ->
            old.contradictory
                && old.owner == allocator
                && old.layer == layer
                && old.address == event.frame());
    if (event.status() != null && event.status() < 0) {
      frame.contradictory = true;
      frames.add(frame);
      return;
    }
    Frame hit = overlapped(frame);
    boolean origin = lost(allocator.row, row);
    if (hit != null) {
      frame.overlapping = true;
      origin |= lost(hit.owner.row, row);
      report("overlapping-frames", row, lost(hit.row, row), origin);
    }
    frames.add(frame);
    count(row, allocator, layer, origin);
  }

  private Frame overlapped(Frame frame) {
    Frame below = null;
    Frame above = null;
    for (Frame other : frames) {
      if (!other.live
          || other.contradictory
          || other.overlapping
          || other.layer != frame.layer
          || other.owner.deleteRow >= 0) {
        continue;
      }
      if (other.address == frame.address
          || (Long.compareUnsigned(other.address, frame.address) < 0
              && Long.compareUnsigned(frame.address - other.address, other.bytes) < 0)) {
        below = other;
      } else if (Long.compareUnsigned(other.address, frame.address) > 0
          && Long.compareUnsigned(other.address - frame.address, frame.bytes) < 0
          && (above == null || Long.compareUnsigned(other.address, above.address) < 0)) {
        above = other;
      }
    }
    return below != null ? below : above;
  }

  private void count(int row, Allocator allocator, int layer, boolean origin) {
    int outstanding = 0;
    int surely = 0;
    for (Frame frame : frames) {
      if (frame.owner == allocator && frame.layer == layer && frame.live && !frame.contradictory) {
        outstanding++;
        surely += lost(frame.row, row) ? 0 : 1;
      }
    }
    int limit = allocator.framing.frames();
    if (limit != 0 && outstanding == limit + 1) {
      Severity full = layer == 1 ? Severity.WARNING : Severity.ERROR;
      boolean doubt = surely <= limit;
      add("outstanding-exceeds-frames", doubt ? Severity.INFO : full, !doubt && !origin, row);
    }
  }

  private void free(int row, TraceEvent event, Allocator allocator) {
    if (event.frame() == 0) {
      if (event.layer() == 1) {
        add("free-null", Severity.WARNING, !lost(allocator.row, row), row);
      }
      return;
    }
    Frame mine = unfreed(allocator, event);
    if (mine != null) {
      end(mine, row);
      return;
    }
    Frame elsewhere = null;
    Frame around = null;
    Frame last = null;
    boolean otherLayer = false;
    for (Frame frame : frames) {
      boolean own = frame.owner == allocator && frame.address == event.frame();
      if (own && frame.layer == event.layer()) {
        last = frame;
      } else if (own) {
        otherLayer = true;
      }
      if (frame.layer == event.layer()
          && frame.live
          && !frame.contradictory
          && !frame.overlapping
          && frame.owner.deleteRow < 0) {
        if (frame.address == event.frame()) {
          elsewhere = frame;
        } else if (Long.compareUnsigned(frame.address, event.frame()) < 0
            && Long.compareUnsigned(event.frame() - frame.address, frame.bytes) < 0) {
          around = frame;
        }
      }
    }
    // Something may be missing that had the same context.
    boolean origin = !completeStart || lost(0, row);
    if (elsewhere != null) {
      report("free-through-wrong-allocator", row, lost(elsewhere.row, row), origin);
    } else if (last != null) {
      boolean doubt = lost(last.freeRow, row);
      report("double-free", row, doubt, origin);
      if (doubt) {
        last.freeRow = row;
      }
    } else if (around != null) {
      report("interior-free", row, lost(around.row, row), origin);
    } else {
      report("free-of-unknown-frame", row, !completeStart || lost(0, row) || otherLayer, origin);
    }
  }

  /** What a free ends: the allocator's own frame, or one of another with the same context. */
  private Frame unfreed(Allocator allocator, TraceEvent event) {
    Frame own = null;
    Frame sharing = null;
    for (Frame frame : frames) {
      if (frame.layer == event.layer() && frame.address == event.frame() && !frame.freed) {
        if (frame.owner == allocator) {
          own = frame;
        } else if (frame.owner.context == allocator.context
            && (sharing == null || frame.owner.row >= sharing.owner.row)) {
          sharing = frame;
        }
      }
    }
    return own != null ? own : sharing;
  }

  private static void end(Frame frame, int row) {
    frame.live = false;
    frame.freed = true;
    frame.freeRow = row;
  }

  private void delete(int row, Allocator allocator) {
    allocator.deleteRow = row;
    for (Frame frame : frames) {
      if (frame.owner == allocator && frame.live && !frame.contradictory && frame.layer == 1) {
        allocator.outstandingAtDelete++;
        allocator.surelyOutstandingAtDelete += lost(frame.row, row) ? 0 : 1;
      }
    }
  }

  private void end() {
    int last = events.size() - 1;
    boolean clean = last >= 0 && events.get(last).op() == TRACE_END;
    for (Allocator allocator : allocators) {
      if (allocator.deleteRow >= 0 && allocator.outstandingAtDelete > 0) {
        boolean doubt = allocator.surelyOutstandingAtDelete == 0;
        add(
            "frames-outstanding-at-delete",
            doubt ? Severity.INFO : Severity.WARNING,
            !doubt && clean && !lost(pinRow(), last),
            allocator.deleteRow);
      }
      if (clean && (allocator.deleteRow < 0 || allocator.unloaded)) {
        report("allocator-not-deleted", allocator.row, lost(allocator.row, last), false);
      }
      failures(allocator, clean);
    }
    for (Frame frame : frames) {
      if (clean && !frame.freed && !frame.contradictory) {
        report("frame-leak", frame.row, lost(frame.row, last), lost(pinRow(), frame.row));
      }
    }
  }

  private void failures(Allocator allocator, boolean clean) {
    int last = events.size() - 1;
    int limit = allocator.framing.frames();
    List<Integer> below = new ArrayList<>();
    List<Integer> row = new ArrayList<>();
    List<Integer> longest = List.of();
    for (Attempt attempt : allocator.attempts) {
      if (!attempt.failed()) {
        row.clear();
        continue;
      }
      row.add(attempt.row());
      longest = row.size() > longest.size() ? List.copyOf(row) : longest;
      if (limit == 0 || attempt.outstanding() < limit) {
        below.add(attempt.row());
      }
    }
    if (below.size() >= FEWEST_FAILURES
        && below.size() >= LEAST_SHARE * allocator.attempts.size()
        && longest.size() < LONG_ROW) {
      boolean certain = completeStart && clean && !lost(0, last);
      add("allocate-beyond-failure", Severity.INFO, certain, below.get(0));
    }
    if (longest.size() >= LONG_ROW) {
      long from = events.get(longest.get(0)).tEntry();
      long to = events.get(longest.get(longest.size() - 1)).tEntry();
      boolean lossless = !lost(0, last);
      if (to - from >= LONG_ROW_NS) {
        add(
            "repeated-allocation-failure",
            lossless ? Severity.WARNING : Severity.INFO,
            lossless && clean && completeStart,
            longest.get(0));
      }
    }
  }

  /** The pin_create. */
  private static int pinRow() {
    return 0;
  }

  /** Whether events were lost behind one row, up to and with another. */
  private boolean lost(int from, int to) {
    for (int row = Math.max(1, from + 1); row <= to; row++) {
      if (events.get(row).op() == EVENTS_LOST
          || events.get(row).seq() != events.get(row - 1).seq() + 1) {
        return true;
      }
    }
    return false;
  }

  private void report(String rule, int row, boolean doubt, boolean origin) {
    add(rule, doubt ? Severity.INFO : Severity.ERROR, !doubt && !origin, row);
  }

  private void add(String rule, Severity severity, boolean certain, int row) {
    found.add(new Found(rule, severity, certain, events.get(row).seq()));
  }
}
