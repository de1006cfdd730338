package dev.kstrace.replay;

import dev.kstrace.capture.AllocatorDispatch.ContextOut;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Hex;
import dev.kstrace.traces.NtStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A target that answers as told and writes down every call that it gets. */
final class ScriptedTarget implements ReplayTarget {
  final List<String> calls = new ArrayList<>();
  private final Deque<Long> frames = new ArrayDeque<>();
  private final Deque<Integer> statuses = new ArrayDeque<>();
  private long nextContext = 0xC1;
  private long nextFrame = 0xF1000;
  private int irqlAfter = -2;
  private int irql;
  private int dieAfter = Integer.MAX_VALUE;
  boolean environment;

  /** The next allocates return these; then 0xF1000, 0xF2000, ... */
  ScriptedTarget returning(long... values) {
    for (long value : values) {
      frames.add(value);
    }
    return this;
  }

  /** The next initializes return these; then STATUS_SUCCESS. */
  ScriptedTarget answering(int... values) {
    for (int value : values) {
      statuses.add(value);
    }
    return this;
  }

  /** Contexts count up from here instead of 0xC1. */
  ScriptedTarget contextsFrom(long value) {
    nextContext = value;
    return this;
  }

  /** Every call returns at this IRQL, whatever it was called at. */
  ScriptedTarget leavingIrql(int value) {
    irqlAfter = value;
    return this;
  }

  /** The call after this many throws. */
  ScriptedTarget dyingAfter(int count) {
    dieAfter = count;
    return this;
  }

  private void log(String call) {
    if (calls.size() == dieAfter) {
      throw new IllegalStateException("the pool is corrupt");
    }
    calls.add(call);
  }

  @Override
  public String name() {
    return "test:scripted";
  }

  @Override
  public boolean syntheticAddresses() {
    return true;
  }

  @Override
  public void present(int thread, int irql, long timeNs) {
    this.irql = irql;
    if (environment) {
      calls.add("thread=" + thread + " irql=" + irql + " t=" + timeNs);
    }
  }

  @Override
  public int initialize(long pin, Framing framing, ContextOut context) {
    log("initialize " + Hex.of(pin) + " frames=" + framing.frames());
    int status = statuses.isEmpty() ? NtStatus.SUCCESS : statuses.remove();
    context.value = NtStatus.isSuccess(status) ? nextContext++ : 0xBAD;
    return status;
  }

  @Override
  public void delete(long context) {
    log("delete " + Hex.of(context));
  }

  @Override
  public long allocate(long context) {
    log("allocate " + Hex.of(context));
    if (!frames.isEmpty()) {
      return frames.remove();
    }
    nextFrame += 0x1000;
    return nextFrame - 0x1000;
  }

  @Override
  public void free(long context, long frame) {
    log("free " + Hex.of(context) + " " + Hex.of(frame));
  }

  @Override
  public int irql() {
    return irqlAfter == -2 ? irql : irqlAfter;
  }

  @Override
  public long usableBytes(long context, long frame) {
    return 4096;
  }

  @Override
  public void close() {}
}
