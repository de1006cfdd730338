package dev.kstrace.analyze;

import dev.kstrace.analyze.CallFacts.FrameState;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Nanos;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The KSMETHOD_STREAMALLOCATOR_ALLOC requests that were pended, and how each ended.
 *
 * <p>No page states an order among waiters, and a completion does not say which request it
 * completes: the oldest is taken, and any frame that a client gets may be a completion. So a
 * request counts as lost only where no other reading is left. Not thread-safe.
 */
final class Waiters {
  private final List<Waiter> all = new ArrayList<>();
  private final Map<Allocator, Queue> queues = new HashMap<>();

  /** One pended request. */
  static final class Waiter {
    final Allocator allocator;
    final long seq;
    final long time;
    final int lossEpoch;

    /** frame, cancelled or delete; null = it waits at the end of the trace. */
    @Nullable String endedBy;

    @Nullable Long endSeq;

    /** A free after which no client got a frame, neither before the next free nor for long. */
    @Nullable Long unservedFree;

    long unservedNs;
    boolean doubt;

    Waiter(Allocator allocator, long seq, long time, int lossEpoch) {
      this.allocator = allocator;
      this.seq = seq;
      this.time = time;
      this.lossEpoch = lossEpoch;
    }
  }

  /** The requests of one allocator that wait. */
  private static final class Queue {
    final Deque<Waiter> waiting = new ArrayDeque<>();
    @Nullable Long freeSeq;
    long freeTime;
  }

  /** All pended requests in the order of their seq. */
  List<Waiter> all() {
    return all;
  }

  /** Takes a call of a client layer, or a delete. */
  void note(CallFacts call, int lossEpoch) {
    Allocator allocator = call.allocator;
    if (allocator == null) {
      return;
    }
    EventBatch batch = call.batch;
    int row = call.row;
    int op = batch.op(row);
    boolean hasStatus = batch.has(row, EventBatch.STATUS);
    if (op == Op.ALLOCATE.code()
        && hasStatus
        && batch.status(row) == NtStatus.PENDING
        && batch.layer(row) == Layer.IRP_METHOD.code()) {
      pend(call, allocator, lossEpoch);
      return;
    }
    Queue queue = queues.get(allocator);
    if (queue == null || queue.waiting.isEmpty()) {
      return;
    }
    if (op == Op.DELETE.code()) {
      while (!queue.waiting.isEmpty()) {
        end(queue, call, "delete", lossEpoch);
      }
    } else if (op == Op.FREE.code()) {
      free(queue, call);
    } else if (hasStatus && batch.status(row) == NtStatus.CANCELLED) {
      end(queue, call, "cancelled", lossEpoch);
    } else if (call.frameState != FrameState.NULL && call.frameState != FrameState.GHOST) {
      queue.freeSeq = null;
      if (batch.layer(row) == Layer.IRP_METHOD.code()) {
        end(queue, call, "frame", lossEpoch);
      }
    }
  }

  private void pend(CallFacts call, Allocator allocator, int lossEpoch) {
    Queue queue = queues.computeIfAbsent(allocator, key -> new Queue());
    // A completion that was lost may have been that of any request that waits.
    int since = queue.waiting.isEmpty() ? lossEpoch : queue.waiting.getLast().lossEpoch;
    Waiter waiter =
        new Waiter(allocator, call.batch.seq(call.row), call.batch.tEntry(call.row), since);
    all.add(waiter);
    if (queue.waiting.isEmpty()) {
      queue.freeSeq = null;
    }
    queue.waiting.add(waiter);
    if (allocator.run != null) {
      allocator.run.refused();
    }
  }

  private static void end(Queue queue, CallFacts call, String by, int lossEpoch) {
    Waiter waiter = queue.waiting.remove();
    waiter.endedBy = by;
    waiter.endSeq = call.batch.seq(call.row);
    waiter.doubt = waiter.lossEpoch != lossEpoch;
  }

  private static void free(Queue queue, CallFacts call) {
    if (call.frameState != FrameState.LIVE) {
      return;
    }
    long time = call.batch.tEntry(call.row);
    Waiter oldest = queue.waiting.element();
    long unserved = Nanos.between(queue.freeTime, time);
    if (queue.freeSeq != null && unserved > oldest.unservedNs) {
      oldest.unservedFree = queue.freeSeq;
      oldest.unservedNs = unserved;
    }
    queue.freeSeq = call.batch.seq(call.row);
    queue.freeTime = time;
  }
}
