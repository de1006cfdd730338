package dev.kstrace.analyze.minimize;

import dev.kstrace.traces.Layer;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a trace that may be left out together, in steps from large to small.
 *
 * <p>What belongs together stays together: an allocate and the free that ends its frame, an
 * initialize and its delete. Leaving out one of the two would make a fault that the trace does not
 * have, and the search would run after that one.
 */
final class Units {
  private final List<TraceEvent> events;

  /** For each event its allocator; -1 = none is known. */
  private final int[] allocatorOf;

  /** For each event the index of the allocate whose lifetime it belongs to; -1 = none. */
  private final int[] lifetimeOf;

  private int allocators;

  Units(List<TraceEvent> events) {
    this.events = events;
    allocatorOf = new int[events.size()];
    lifetimeOf = new int[events.size()];
    resolve();
  }

  private record Frame(int allocator, int layer, long address) {}

  private void resolve() {
    Map<Long, Integer> byContext = new HashMap<>();
    Map<Frame, Integer> live = new HashMap<>();
    for (int i = 0; i < events.size(); i++) {
      TraceEvent event = events.get(i);
      allocatorOf[i] = -1;
      lifetimeOf[i] = -1;
      Long context = event.context();
      if (event.layer() == Layer.NONE.code() || context == null) {
        continue;
      }
      if (is(event, Op.INITIALIZE)) {
        allocatorOf[i] = allocators++;
        if (event.status() == null || NtStatus.isSuccess(event.status())) {
          byContext.put(context, allocatorOf[i]);
        }
        continue;
      }
      // An unknown context counts as an allocator of its own.
      int allocator = byContext.computeIfAbsent(context, unused -> allocators++);
      allocatorOf[i] = allocator;
      Long address = event.frame();
      if (address == null || address == 0) {
        continue;
      }
      Frame frame = new Frame(allocator, event.layer(), address);
      if (is(event, Op.ALLOCATE)) {
        Integer before = live.putIfAbsent(frame, i);
        lifetimeOf[i] = before == null ? i : -1; // a second one while live stands alone
      } else if (is(event, Op.FREE)) {
        Integer allocate = live.remove(frame);
        lifetimeOf[i] = allocate == null ? -1 : allocate;
      }
    }
  }

  private static boolean is(TraceEvent event, Op op) {
    return event.op() == op.code();
  }

  /** All that a step may leave out, each as the indices of its events, in order. */
  List<List<Integer>> of(Step step) {
    Map<Object, List<Integer>> units = new LinkedHashMap<>();
    for (int i = 0; i < events.size(); i++) {
      Object key = key(step, i);
      if (key != null) {
        units.computeIfAbsent(key, unused -> new ArrayList<>()).add(i);
      }
    }
    return List.copyOf(units.values());
  }

  /** What the step puts an event together with; null where the step leaves it alone. */
  private @Nullable Object key(Step step, int i) {
    TraceEvent event = events.get(i);
    boolean bracket = is(event, Op.INITIALIZE) || is(event, Op.DELETE);
    return switch (step) {
      case ALLOCATORS -> allocatorOf[i] < 0 ? null : Integer.valueOf(allocatorOf[i]);
      case PINS -> event.layer() == Layer.NONE.code() ? event.pin() : null;
      case THREADS ->
          bracket || allocatorOf[i] < 0 ? null : lifetimeOf[i] < 0 ? event.thread() : thread(i);
      case FRAMES -> lifetimeOf[i] < 0 ? null : Integer.valueOf(lifetimeOf[i]);
      case EVENTS ->
          is(event, Op.TRACE_END) || lifetimeOf[i] >= 0 || (bracket && allocatorOf[i] >= 0)
              ? null
              : Integer.valueOf(i);
    };
  }

  /** The thread that made the frame. */
  private @Nullable Integer thread(int i) {
    return events.get(lifetimeOf[i]).thread();
  }

  /** The steps, from large to small. */
  enum Step {
    ALLOCATORS,
    PINS,
    THREADS,
    FRAMES,
    EVENTS
  }
}
