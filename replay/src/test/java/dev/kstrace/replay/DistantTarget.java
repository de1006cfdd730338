package dev.kstrace.replay;

import dev.kstrace.capture.AllocatorDispatch.ContextOut;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.NtStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** What the host process does with batches, in Java and around any other target. */
final class DistantTarget extends BatchTarget {
  private final ReplayTarget target;
  private final ByteBuffer[] calls = new ByteBuffer[BATCHES];
  private final CallBatch[] batches = new CallBatch[BATCHES];
  private final Deque<Integer> done = new ArrayDeque<>();
  private final Map<Integer, Long> contexts = new HashMap<>();
  private final Map<Integer, Long> frames = new HashMap<>();
  private int epoch;
  private TargetFailure failure;
  int rounds;

  DistantTarget(ReplayTarget target, int capacity) {
    this.target = target;
    for (int i = 0; i < BATCHES; i++) {
      calls[i] =
          ByteBuffer.allocate(capacity * CallBatch.CALL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      batches[i] = new CallBatch(calls[i], ByteBuffer.allocate(0));
    }
  }

  @Override
  protected CallBatch batch(int which) {
    return batches[which];
  }

  @Override
  protected void submit(int which, int batchEpoch) {
    rounds++;
    if (batchEpoch != epoch || failure != null) {
      done.add(0);
      return;
    }
    int count = batches[which].count();
    int ran = 0;
    boolean stop = false;
    while (ran < count && !stop) {
      try {
        int at = ran * CallBatch.CALL_BYTES;
        int width = (calls[which].getShort(at + 2) & CallBatch.WIDE) != 0 ? 2 : 1;
        stop = run(calls[which], at);
        ran += width;
      } catch (RuntimeException e) {
        failure =
            new TargetFailure(e.getClass().getName(), e.getMessage(), java.util.List.of(), null);
        break;
      }
    }
    if (stop) {
      epoch++;
      batches[which].setStopped();
    }
    done.add(ran);
  }

  @Override
  protected int await(int which) {
    return done.remove();
  }

  @Override
  protected TargetFailure failure() {
    return failure;
  }

  /** Runs a call; whether the batch ends behind it. */
  private boolean run(ByteBuffer to, int at) {
    int op = to.get(at);
    int flags = to.getShort(at + 2);
    int allocator = to.getInt(at + 4);
    int frame = to.getInt(at + 8);
    long a = (flags & CallBatch.WIDE) != 0 ? to.getLong(at + CallBatch.CALL_BYTES) : 0;
    long b = to.getLong(at + 24);
    if (op == CallBatch.BIND_FRAME) {
      frames.put(frame, b);
    } else if (op == CallBatch.BIND_ALLOCATOR) {
      contexts.put(allocator, (flags & CallBatch.BORN) == 0 ? null : Long.valueOf(b));
    }
    if (op >= CallBatch.BIND_FRAME) {
      to.put(at, (byte) CallBatch.DONE);
      return false;
    }
    long context = a;
    if (allocator != CallBatch.NONE && op != CallBatch.INITIALIZE) {
      Long known = contexts.get(allocator);
      if (known == null) {
        if (frame != CallBatch.NONE && (flags & CallBatch.FRESH) != 0) {
          frames.put(frame, 0L);
        }
        to.put(at, (byte) CallBatch.SKIPPED);
        return false;
      }
      context = known;
    }
    long address = b;
    if (op == CallBatch.FREE && frame != CallBatch.NONE) {
      long base = frames.getOrDefault(frame, 0L);
      if (base == 0) {
        to.put(at, (byte) CallBatch.SKIPPED);
        return false;
      }
      address = base + b;
    }
    target.present(to.getInt(at + 12), to.get(at + 1), to.getLong(at + 16));
    long value = 0;
    long bytes = -1;
    int status = 0;
    boolean made = false;
    switch (op) {
      case CallBatch.INITIALIZE -> {
        ByteBuffer framing =
            to.duplicate().order(ByteOrder.LITTLE_ENDIAN).position(at + CallBatch.CALL_BYTES + 8);
        ContextOut out = new ContextOut();
        status = target.initialize(a, Framing.fromBytes(framing), out);
        value = out.value;
        made = NtStatus.isSuccess(status);
        if (allocator != CallBatch.NONE) {
          contexts.put(allocator, made ? Long.valueOf(value) : null);
        }
      }
      case CallBatch.ALLOCATE -> {
        value = target.allocate(context);
        made = value != 0;
        bytes = made ? target.usableBytes(context, value) : -1;
        if (frame != CallBatch.NONE) {
          frames.put(frame, value);
        }
      }
      case CallBatch.FREE -> {
        target.free(context, address);
        value = address;
      }
      default -> target.delete(context);
    }
    to.put(at + 1, (byte) target.irql());
    to.putInt(at + 4, status);
    to.putLong(at + 8, value);
    to.putLong(at + 16, bytes);
    to.put(at, (byte) CallBatch.DONE);
    return made && (flags & CallBatch.STOP_IF_MADE) != 0;
  }

  @Override
  public String name() {
    return target.name();
  }

  @Override
  public boolean syntheticAddresses() {
    return target.syntheticAddresses();
  }

  @Override
  public void close() throws IOException {
    target.close();
  }
}
