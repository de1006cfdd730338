package dev.kstrace.replay;

import dev.kstrace.capture.AllocatorDispatch.ContextOut;
import dev.kstrace.traces.Framing;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A target that is far away, so that calls travel to it in batches.
 *
 * <p>There are two batches, so that one can be filled while the other runs. A target runs the calls
 * of a batch in order and stops only behind a call with {@link CallBatch#STOP_IF_MADE}, or where it
 * has no room for further notes. It then also returns the other batch untouched, if that was
 * submitted before the stop was known. Not thread-safe.
 */
public abstract class BatchTarget implements ReplayTarget {
  /** How many batches there are. */
  public static final int BATCHES = 2;

  private record Bind(int op, int flags, int allocator, int frame, long to) {}

  private final List<Bind> binds = new ArrayList<>();
  private long calls;
  private long lastCall;
  private int epoch;
  private int thread;
  private int presentedIrql;
  private long time;
  private int meant = CallBatch.NONE;
  private int disturbance;
  private int irqlAfter = -1;
  private long bytesAfter = -1;
  private int outcome;
  private long spentNs;
  private List<TargetNote> notes = List.of();

  /** One of the two batches. */
  protected abstract CallBatch batch(int which);

  /**
   * Has a batch run as soon as the one submitted before it is done.
   *
   * @param batchEpoch rises by one with each stop
   */
  protected abstract void submit(int which, int batchEpoch);

  /**
   * Waits for a batch that was submitted, and says in it whether it was stopped.
   *
   * @return how many of its calls were run, fewer than all where it was stopped or the target died
   */
  protected abstract int await(int which);

  /** How the target died; null = it is alive. */
  protected abstract @Nullable TargetFailure failure();

  /** Empties a batch that is not under way, but for what the target has to be told first. */
  final CallBatch begin(int which) {
    CallBatch batch = batch(which);
    batch.begin(calls);
    for (Bind bind : binds) {
      batch.add(bind.op, bind.flags, bind.allocator, bind.frame, 0, 0, bind.to, 0);
    }
    binds.clear();
    return batch;
  }

  /** Sends a batch; its calls get their numbers. */
  final void send(int which) {
    int count = batch(which).count();
    calls += count;
    if (count > 0) {
      batch(which).send();
      submit(which, epoch);
    }
  }

  /** Waits for a batch; how many of its calls were run. */
  final int receive(int which) {
    CallBatch batch = batch(which);
    int done = batch.count() == 0 ? 0 : await(which);
    batch.receive();
    epoch += batch(which).isStopped() ? 1 : 0;
    return done;
  }

  /** Waits for a batch that was sent before another one's stop was known. */
  final void receiveVoid(int which) {
    int done = batch(which).count() == 0 ? 0 : await(which);
    if (done != 0 && failure() == null) {
      throw new IllegalStateException("a batch ran that should not have, calls=" + done);
    }
  }

  /** From the next call on, a frame's number stands for this address; 0 = for nothing. */
  final void bindFrame(int frame, int allocator, long address, boolean live) {
    int flags = live ? CallBatch.BORN : 0;
    binds.add(new Bind(CallBatch.BIND_FRAME, flags, allocator, frame, address));
  }

  /** Says which allocator the next single call means; {@link CallBatch#NONE} = the context says. */
  final void mean(int allocator) {
    meant = allocator;
  }

  /** What is done to the next single call besides making it. */
  final void disturb(int what) {
    disturbance = what;
  }

  /** From the next call on, an allocator's number stands for this context, or for nothing. */
  final void bindAllocator(int allocator, long context, boolean made) {
    int flags = made ? CallBatch.BORN : 0;
    binds.add(new Bind(CallBatch.BIND_ALLOCATOR, flags, allocator, CallBatch.NONE, context));
  }

  /** Says that the recording is over. */
  final void finish() {
    one(CallBatch.FINISH, 0, 0, null);
  }

  /** How much pool of each tag is live, then how much there was at most; empty = unknown. */
  final List<TargetNote> pool() {
    one(CallBatch.TELL_POOL, 0, 0, null);
    return notes;
  }

  /** What was noticed during the last single call. */
  final List<TargetNote> notes() {
    return notes;
  }

  /** What became of the last single call. */
  final int outcome() {
    return outcome;
  }

  /** How long the last single call took in ns, where the target was asked to measure it. */
  final long lastSpentNs() {
    return spentNs;
  }

  /** The number of the last single call. */
  final long lastCall() {
    return lastCall;
  }

  @Override
  public final void present(int thread, int irql, long timeNs) {
    this.thread = thread;
    presentedIrql = irql;
    time = timeNs;
  }

  @Override
  public final int initialize(long pin, Framing framing, ContextOut context) {
    int call = one(CallBatch.INITIALIZE, pin, 0, framing);
    context.value = batch(0).value(call);
    return batch(0).status(call);
  }

  @Override
  public final void delete(long context) {
    one(CallBatch.DELETE, context, 0, null);
  }

  @Override
  public final long allocate(long context) {
    return batch(0).value(one(CallBatch.ALLOCATE, context, 0, null));
  }

  @Override
  public final void free(long context, long frame) {
    one(CallBatch.FREE, context, frame, null);
  }

  @Override
  public final int irql() {
    return irqlAfter;
  }

  @Override
  public final long usableBytes(long context, long frame) {
    return bytesAfter;
  }

  /** A batch with one call; its index. */
  private int one(int op, long a, long b, @Nullable Framing framing) {
    CallBatch batch = begin(0);
    int call = batch.addWide(op, disturbance, meant, presentedIrql, thread, a, b, time, framing);
    disturbance = Disturbances.NONE;
    lastCall = batch.base() + call;
    send(0);
    int done = receive(0);
    TargetFailure failure = failure();
    if (failure != null) {
      throw failure;
    }
    if (done <= call) {
      throw new IllegalStateException("a call was not run, op=" + op);
    }
    outcome = batch.outcome(call);
    spentNs = batch.spentNs(call);
    irqlAfter = batch.irqlExit(call);
    bytesAfter = batch.bytes(call);
    notes = batch.notes();
    return call;
  }
}
