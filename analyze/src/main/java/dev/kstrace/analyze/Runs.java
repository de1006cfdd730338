package dev.kstrace.analyze;

import dev.kstrace.analyze.TrackerSink.PinStep;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.PinState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Follows the allocators of pins through the pins' states.
 *
 * <p>It looks at an allocator's counters when a pin changes its state, and hardly ever at a single
 * call, so that a trace of many calls and few steps costs next to nothing. Not thread-safe.
 */
final class Runs {
  /** Frames at the other layers belong to clients, which a pin's state says nothing about. */
  static final int LAYER = Layer.CALLBACK.code();

  private final List<Run> all = new ArrayList<>();

  /** All times in RUN in the order in which they began. */
  List<Run> all() {
    return all;
  }

  /** Takes an initialize that succeeded. */
  void initialized(Allocator allocator) {
    Pin pin = allocator.pinInstance;
    if (pin != null && isState(pin.state, PinState.RUN)) {
      begin(allocator, pin, allocator.seq, allocator.time);
    } else if (pin != null && isState(pin.state, PinState.STOP)) {
      allocator.stopTime = allocator.time;
    }
  }

  /** Takes a pin_state. */
  void step(PinStep step, long seq, long time) {
    Pin pin = step.pin();
    if (pin == null) {
      return;
    }
    for (Allocator allocator : pin.allocators) {
      leave(allocator, step, seq, time);
      if (isState(step.to(), PinState.RUN) && allocator.run == null) {
        begin(allocator, pin, seq, time);
      } else if (isState(step.to(), PinState.STOP)) {
        stop(allocator, seq, time);
      }
    }
  }

  private void leave(Allocator allocator, PinStep step, long seq, long time) {
    if (!isState(step.to(), PinState.RUN)) {
      end(allocator, seq, time, "pin_state");
    }
    if (!isState(step.to(), PinState.STOP) && allocator.stopTime != null) {
      allocator.leaveStop(time);
      if (allocator.lastRun != null && allocator.lastRun.stopSeq != null) {
        restart(allocator.lastRun, seq);
      }
    }
  }

  private void begin(Allocator allocator, Pin pin, long seq, long time) {
    Run run = new Run(allocator, seq, time, pin.periodNs);
    allocator.run = run;
    allocator.slowNs =
        pin.periodNs > 0 ? Math.min(Suspects.SLOW_NS, pin.periodNs) : Suspects.SLOW_NS;
    all.add(run);
  }

  private void end(Allocator allocator, @Nullable Long seq, long time, String by) {
    Run run = allocator.run;
    if (run == null) {
      return;
    }
    FrameTable frames = allocator.frames(LAYER);
    for (int slot = frames.nextInUse(FrameTable.ABSENT);
        slot != FrameTable.ABSENT;
        slot = frames.nextInUse(slot)) {
      if (isOf(run, frames, slot)) {
        run.held(frames.allocateSeq(slot), frames.address(slot), frames.allocateTime(slot), time);
      }
    }
    run.end(seq, time, by);
    allocator.run = null;
    allocator.lastRun = run;
    allocator.slowNs = Suspects.SLOW_NS;
  }

  /** Whether a frame was allocated in a time in RUN and is out. */
  private static boolean isOf(Run run, FrameTable frames, int slot) {
    return frames.isLive(slot) && Long.compareUnsigned(frames.allocateSeq(slot), run.startSeq) > 0;
  }

  private static int liveOf(Run run) {
    FrameTable frames = run.allocator.frames(LAYER);
    int live = 0;
    for (int slot = frames.nextInUse(FrameTable.ABSENT);
        slot != FrameTable.ABSENT;
        slot = frames.nextInUse(slot)) {
      live += isOf(run, frames, slot) ? 1 : 0;
    }
    return live;
  }

  private void stop(Allocator allocator, long seq, long time) {
    if (allocator.stopTime != null) {
      return;
    }
    allocator.stopTime = time;
    Run run = allocator.lastRun;
    if (run != null && run.stopSeq == null) {
      run.stopSeq = seq;
      run.liveAtStop = liveOf(run);
    }
  }

  private void restart(Run run, long seq) {
    if (run.restartSeq == null) {
      run.restartSeq = seq;
      run.liveAtRestart = liveOf(run);
    }
  }

  /** Takes the first delete of an allocator. */
  void deleted(Allocator allocator) {
    end(allocator, allocator.deleteSeq, allocator.deleteTime, "delete");
    allocator.leaveStop(allocator.deleteTime);
  }

  /**
   * Takes the end of a pin.
   *
   * @param open how many others are open
   */
  void closed(Pin pin, int open) {
    if (pin.closeSeq == null || pin.closeTime == null) {
      return;
    }
    for (Allocator allocator : pin.allocators) {
      end(allocator, pin.closeSeq, pin.closeTime, "pin_close");
      allocator.leaveStop(pin.closeTime);
      allocator.pinClosed(new LateCalls(pin.closeSeq, pin.closeReturn, open));
    }
  }

  /** Takes the end of the trace. */
  void finish(List<Pin> pins, long time) {
    for (Pin pin : pins) {
      for (Allocator allocator : pin.allocators) {
        end(allocator, null, time, "end of trace");
        allocator.leaveStop(time);
      }
    }
  }

  private static boolean isState(@Nullable Long state, PinState wanted) {
    return state != null && state == wanted.code();
  }
}
