package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Nanos;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What the tracker knows of one initialize, successful or not, and of the allocator it made.
 *
 * <p>Grows while the trace is read; final once the pass is over. Not thread-safe.
 */
final class Allocator {
  static final int LAYERS = 4;

  /** Place among all initialize events, from 0 on; the public {@code alloc_id} is one more. */
  final int index;

  final long seq;
  final long time;
  final @Nullable Long timeExit;
  final @Nullable Integer thread;
  final @Nullable Integer irql;
  final @Nullable Long pin;
  final @Nullable Pin pinInstance;
  final @Nullable Long context;

  /** The same as a plain number; 0 where it is null. */
  final long contextValue;

  final @Nullable Integer status;
  final @Nullable Framing framing;
  final FrameLimits limits;

  /** Whether this initialize made an allocator. */
  final boolean created;

  /** What a failed initialize left behind where a context belongs: no context. */
  final @Nullable Long leftContext;

  final int lossEpoch;

  /** Whether the pin_create that describes its pin may be missing, or another one be lost. */
  final boolean pinDoubt;

  boolean deleted;

  /** Kinds of calls, as bits of {@link PreparedBatch}, that are never ordinary ones. */
  int unusual;

  long deleteSeq;
  long deleteTime;
  @Nullable Integer deleteThread;
  int deleteLossEpoch;

  /** Frames live at the callback layer when delete was entered. */
  int liveAtDelete;

  /** Of these, how many were allocated after the last loss before delete. */
  int surelyLiveAtDelete;

  /** The call that was inside when delete was entered. */
  @Nullable Long overlapSeq;

  /** Whether the order of its events cannot be relied on (a broken seq or clock). */
  boolean orderDoubt;

  /**
   * Whether another allocator may have had the same context before, or have it still, of which the
   * trace knows nothing: what looks like a wrong use of this one may be a right use of that.
   */
  boolean contextDoubt;

  /** Whether a driver_unload came while it was live. */
  boolean liveAtUnload;

  /** An allocator with the same context that was live at this initialize: its initialize. */
  @Nullable Long sharedSeq;

  /** Whether events were lost between the two. */
  boolean sharedDoubt;

  /** The framing that its pin asked for at this initialize; null = not recorded. */
  @Nullable PinFraming asked;

  /** A call that was entered before an earlier call of another thread had returned. */
  @Nullable Long concurrentSeq;

  /** That earlier call. */
  long concurrentWith;

  /** Calls after its pin was closed; null = the pin is open. */
  @Nullable LateCalls late;

  /** When its pin last came to STOP, in ns; null = the pin is in another state. */
  @Nullable Long stopTime;

  /** The first allocate in this STOP; null = none. */
  @Nullable Long stopAllocate;

  long stopAllocateTime;

  /** The allocate in STOP after which its pin stayed there longest; null = none. */
  @Nullable Long idleAllocate;

  /** How long the pin stayed in STOP after it, in ns. */
  long idleNs;

  /** Its time in RUN that is going on; null = its pin is in another state. */
  @Nullable Run run;

  /** The last time in RUN that has ended. */
  @Nullable Run lastRun;

  /** A call that takes longer is worth a look, in ns. */
  long slowNs = Suspects.SLOW_NS;

  /** Whether its frames must have kernel addresses. */
  boolean kernelFrames;

  /** Its frames outstanding over time; null = not drawn. */
  @Nullable GrowingCurve curve;

  final Failures failures = new Failures();

  long allocates;
  long failedAllocates;
  long frees;
  int peak;

  /** Latest return among its calls so far, for the overlap with delete. */
  long latestExit = Long.MIN_VALUE;

  long latestExitSeq;
  long latestExitEntry;

  /** Its thread, unsigned; -1 = not recorded. */
  long latestExitThread;

  private final @Nullable FrameTable[] frames = new @Nullable FrameTable[LAYERS];

  /** Those of the callback layer, as in the array. */
  private @Nullable FrameTable callbackFrames;

  Allocator(
      int index,
      long seq,
      long time,
      @Nullable Long timeExit,
      @Nullable Integer thread,
      @Nullable Integer irql,
      @Nullable Long pin,
      @Nullable Pin pinInstance,
      @Nullable Long context,
      @Nullable Integer status,
      @Nullable Framing framing,
      boolean created,
      @Nullable Long leftContext,
      int lossEpoch,
      boolean pinDoubt) {
    this.index = index;
    this.seq = seq;
    this.time = time;
    this.timeExit = timeExit;
    this.thread = thread;
    this.irql = irql;
    this.pin = pin;
    this.pinInstance = pinInstance;
    this.context = context;
    this.contextValue = context == null ? 0 : context;
    this.status = status;
    this.framing = framing;
    this.limits = FrameLimits.of(framing);
    this.unusual = limits.isPaged() ? PreparedBatch.RAISED : 0;
    this.created = created;
    this.leftContext = leftContext;
    this.lossEpoch = lossEpoch;
    this.pinDoubt = pinDoubt;
  }

  /** Whether the pin declares that one block is carved into all frames. */
  boolean slab() {
    return pinInstance != null && Boolean.TRUE.equals(pinInstance.slab);
  }

  /** Takes the end of its pin: calls that come after it are late. */
  void pinClosed(LateCalls calls) {
    late = calls;
    unusual = PreparedBatch.ANY;
  }

  /** Takes an allocate that made a frame while the pin is in STOP. */
  void allocatedInStop(long allocateSeq, long allocateTime) {
    if (stopAllocate == null) {
      stopAllocate = allocateSeq;
      stopAllocateTime = allocateTime;
    }
  }

  /** Takes the end of a STOP. */
  void leaveStop(long leaveTime) {
    long idle = Nanos.between(stopAllocateTime, leaveTime);
    if (stopAllocate != null && idle > idleNs) {
      idleAllocate = stopAllocate;
      idleNs = idle;
    }
    stopAllocate = null;
    stopTime = null;
  }

  /** Bytes of a frame's range as far as they are known: its size, else FrameSize, else 0. */
  long rangeBytes(FrameTable table, int slot) {
    return limits.rangeBytes(table.isSizeKnown(slot), table.size(slot));
  }

  /** The frames of one layer. */
  FrameTable frames(int layer) {
    FrameTable table = frames[layer];
    if (table == null) {
      table = new FrameTable(layer);
      keep(layer, table);
    }
    return table;
  }

  private void keep(int layer, @Nullable FrameTable table) {
    frames[layer] = table;
    if (layer == Layer.CALLBACK.code()) {
      callbackFrames = table;
    }
  }

  /** The frames of the callback layer, or null as {@link #framesIfAny} says. */
  @Nullable FrameTable callbackFrames() {
    return callbackFrames;
  }

  /** The frames of one layer, or null where it never had any, or nothing is left of them. */
  @Nullable FrameTable framesIfAny(int layer) {
    return frames[layer];
  }

  /**
   * Drops the records of freed frames up to an id, at all layers.
   *
   * @param spared addresses that stay
   * @param forgotten gets the others
   * @return how many records are left
   */
  int forget(long frameId, LongPredicate spared, AddressFilter forgotten) {
    int left = 0;
    for (int layer = 0; layer < LAYERS; layer++) {
      FrameTable table = frames[layer];
      if (table != null) {
        table.forget(frameId, spared, forgotten);
        left += table.count();
        keep(layer, table.count() == 0 && table.live() == 0 ? null : table);
      }
    }
    return left;
  }

  /**
   * Takes the times of a call of the callback layer, other than delete.
   *
   * @param scene whether it belongs to a snapshot, and is not judged
   */
  void noteExit(EventBatch batch, int row, boolean scene) {
    if (batch.has(row, EventBatch.T_EXIT)) {
      noteExit(batch, row, batch.tEntry(row), batch.tExit(row), scene);
    }
  }

  /** The same of a call that has returned. */
  void noteExit(EventBatch batch, int row, long entry, long exit, boolean scene) {
    if (entry < latestExit && concurrentSeq == null && !scene) {
      noteConcurrent(batch, row);
    }
    if (exit > latestExit) {
      latestExit = exit;
      latestExitSeq = batch.seq(row);
      latestExitEntry = entry;
      latestExitThread = threadOf(batch, row);
    }
  }

  private static long threadOf(EventBatch batch, int row) {
    return batch.has(row, EventBatch.THREAD) ? Integer.toUnsignedLong(batch.thread(row)) : -1;
  }

  /** Calls of one thread that seem to overlap say more about the clock than about the caller. */
  private void noteConcurrent(EventBatch batch, int row) {
    boolean sameThread = latestExitThread != -1 && latestExitThread == threadOf(batch, row);
    if (!sameThread && batch.tExit(row) > latestExitEntry) {
      concurrentSeq = batch.seq(row);
      concurrentWith = latestExitSeq;
    }
  }

  /** Live frames of a layer; from its delete on, those that were live then. */
  int live(int layer) {
    FrameTable table = frames[layer];
    return table == null ? 0 : table.live();
  }

  /** Live frames that were allocated after the last loss. */
  int liveSinceLoss(int layer, int epoch) {
    FrameTable table = frames[layer];
    return table == null ? 0 : table.liveSinceLoss(epoch);
  }
}
