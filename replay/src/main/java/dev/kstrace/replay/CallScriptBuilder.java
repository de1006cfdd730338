package dev.kstrace.replay;

import dev.kstrace.replay.CallScript.Allocate;
import dev.kstrace.replay.CallScript.At;
import dev.kstrace.replay.CallScript.Delete;
import dev.kstrace.replay.CallScript.End;
import dev.kstrace.replay.CallScript.Free;
import dev.kstrace.replay.CallScript.Initialize;
import dev.kstrace.replay.CallScript.Step;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Gives the frames of a recording numbers and says what its callers did wrong. Not thread-safe.
 *
 * <p>A slot of {@link RecordedCalls} is an address; here each allocate is a frame of its own, since
 * a repaired allocator may return another address. Where the recording has one address twice while
 * live, frees mean its frames in the order in which they were handed out.
 */
final class CallScriptBuilder {
  private final RecordedCalls recorded;
  private final boolean completeStart;
  private final List<Step> steps = new ArrayList<>();
  private final Map<Integer, Deque<Integer>> framesAt = new HashMap<>();

  /** Frames that are out, with the allocators that they are of. */
  private final Map<Integer, Integer> out = new TreeMap<>();

  private final Map<Integer, Integer> owners = new HashMap<>();
  private final TreeSet<Integer> alive = new TreeSet<>();
  private int allocators;
  private int frames;
  private long leftOut;
  private long start;
  private boolean started;

  CallScriptBuilder(RecordedCalls recorded, boolean completeStart) {
    this.recorded = recorded;
    this.completeStart = completeStart;
  }

  CallScript build() {
    return new CallScript(steps, allocators, frames, leftOut);
  }

  /** Adds an event; what is no call of the callback layer only counts where it ends the trace. */
  void add(EventBatch in, int row, Op op) {
    if (!started) {
      started = true;
      start = in.tEntry(row);
    }
    At at =
        new At(
            in.seq(row),
            TargetPort.thread(in, row),
            TargetPort.irql(in, row),
            in.tEntry(row) - start);
    if (op == Op.TRACE_END) {
      steps.add(new End(at, neverGivenBack()));
      return;
    }
    if (in.layer(row) != Layer.CALLBACK.code() || !CallReplayer.isDriven(in, row, op)) {
      return;
    }
    if (op == Op.INITIALIZE) {
      initialize(in, row, at);
    } else if (recorded.allocator(row) == AllocatorTable.UNKNOWN && !completeStart) {
      leftOut++;
    } else if (op == Op.ALLOCATE) {
      allocate(in, row, at);
    } else if (op == Op.FREE) {
      free(in, row, at);
    } else {
      delete(in, row, at);
    }
  }

  private void initialize(EventBatch in, int row, At at) {
    int allocator = recorded.allocator(row);
    if (allocator != AllocatorTable.UNKNOWN) {
      allocators = allocator + 1;
      alive.add(allocator);
    }
    int status = in.has(row, EventBatch.STATUS) ? in.status(row) : 0;
    steps.add(
        new Initialize(
            at, null, allocator, TargetPort.pin(in, row), TargetPort.framing(in, row), status));
  }

  private void allocate(EventBatch in, int row, At at) {
    int allocator = recorded.allocator(row);
    int slot = recorded.slot(row);
    int frame = ++frames;
    boolean made = slot != FrameTable.NONE;
    if (made) {
      Deque<Integer> same = framesAt.computeIfAbsent(slot, unused -> new ArrayDeque<>());
      if (!recorded.isTwice(row)) {
        same.clear();
      }
      same.add(frame);
      owners.put(frame, allocator);
      out.put(frame, allocator);
    }
    steps.add(new Allocate(at, gone(allocator), allocator, in.context(row), frame, made));
  }

  private void free(EventBatch in, int row, At at) {
    int allocator = recorded.allocator(row);
    int slot = recorded.slot(row);
    long inside = recorded.inside(row);
    if (slot == FrameTable.NONE) {
      long address = in.frame(row);
      if (!completeStart && address != 0) {
        leftOut++;
        return;
      }
      String fault = address == 0 ? "frees NULL" : "frees an address that nobody handed out";
      steps.add(
          new Free(
              at,
              or(gone(allocator), fault),
              allocator,
              in.context(row),
              CallScript.NO_FRAME,
              address));
      return;
    }
    Deque<Integer> same = framesAt.get(slot);
    if (same == null) {
      leftOut++; // a frame of an allocator that is left out
      return;
    }
    int frame = recorded.ends(row) && same.size() > 1 ? same.remove() : same.element();
    String fault = or(gone(allocator), wrong(frame, allocator, inside));
    if (inside == 0 && owners.getOrDefault(frame, AllocatorTable.UNKNOWN) == allocator) {
      out.remove(frame);
    }
    steps.add(new Free(at, fault, allocator, in.context(row), frame, inside));
  }

  private @Nullable String wrong(int frame, int allocator, long inside) {
    int owner = owners.getOrDefault(frame, AllocatorTable.UNKNOWN);
    if (inside != 0) {
      return "frees an address " + inside + " bytes inside frame " + frame;
    }
    if (owner != allocator) {
      return "gives frame " + frame + " of allocator " + owner + " to allocator " + allocator;
    }
    return out.containsKey(frame) ? null : "frees frame " + frame + " again";
  }

  private void delete(EventBatch in, int row, At at) {
    int allocator = recorded.allocator(row);
    String fault = gone(allocator);
    alive.remove(allocator);
    List<Integer> left =
        out.entrySet().stream()
            .filter(e -> e.getValue() == allocator)
            .map(Map.Entry::getKey)
            .toList();
    if (!left.isEmpty()) {
      fault = or(fault, "deletes allocator " + allocator + " while " + named(left) + " out");
      left.forEach(out::remove);
    }
    steps.add(new Delete(at, fault, allocator, in.context(row)));
  }

  private @Nullable String gone(int allocator) {
    if (allocator == AllocatorTable.UNKNOWN) {
      return "uses a context that no initialize returned";
    }
    return alive.contains(allocator) ? null : "uses allocator " + allocator + " after its delete";
  }

  private @Nullable String neverGivenBack() {
    if (!out.isEmpty()) {
      return "ends while " + named(List.copyOf(out.keySet())) + " out";
    }
    return alive.isEmpty() ? null : "ends without a delete of allocator " + alive.first();
  }

  private static String named(List<Integer> left) {
    String first = "frame " + left.get(0);
    return left.size() == 1 ? first + " is" : first + " and " + (left.size() - 1) + " more are";
  }

  private static @Nullable String or(@Nullable String fault, @Nullable String other) {
    return fault != null ? fault : other;
  }
}
