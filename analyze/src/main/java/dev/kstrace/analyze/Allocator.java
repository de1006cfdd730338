package dev.kstrace.analyze;

import dev.kstrace.traces.Framing;
import dev.kstrace.traces.LongIntMap;
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
  final @Nullable Integer status;
  final @Nullable Framing framing;

  /** Whether this initialize made an allocator. */
  final boolean created;

  final int lossEpoch;

  /** Whether the pin_create that describes its pin may be missing, or another one be lost. */
  final boolean pinDoubt;

  boolean deleted;
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

  /** Whether a driver_unload came while it was live. */
  boolean liveAtUnload;

  long allocates;
  long failedAllocates;
  long frees;
  int peak;

  /** Latest return among its calls so far, for the overlap with delete. */
  long latestExit = Long.MIN_VALUE;

  long latestExitSeq;
  long latestExitEntry;

  private final int[] live = new int[LAYERS];
  private final int[] liveSinceLoss = new int[LAYERS];
  private final int[] liveEpoch = new int[LAYERS];
  private final @Nullable LongIntMap[] frames = new @Nullable LongIntMap[LAYERS];

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
    this.status = status;
    this.framing = framing;
    this.created = created;
    this.lossEpoch = lossEpoch;
    this.pinDoubt = pinDoubt;
  }

  /** Whether the pin declares that one block is carved into all frames. */
  boolean slab() {
    return pinInstance != null && Boolean.TRUE.equals(pinInstance.slab);
  }

  /** Slots of the frames of one layer, by address. */
  LongIntMap frames(int layer) {
    LongIntMap map = frames[layer];
    if (map == null) {
      map = new LongIntMap();
      frames[layer] = map;
    }
    return map;
  }

  int live(int layer) {
    return live[layer];
  }

  /** Live frames that were allocated after the last loss. */
  int liveSinceLoss(int layer, int epoch) {
    return liveEpoch[layer] == epoch ? liveSinceLoss[layer] : 0;
  }

  void frameAllocated(int layer, int epoch) {
    if (liveEpoch[layer] != epoch) {
      liveEpoch[layer] = epoch;
      liveSinceLoss[layer] = 0;
    }
    live[layer]++;
    liveSinceLoss[layer]++;
    if (layer == 1) {
      peak = Math.max(peak, live[layer]);
    }
  }

  void frameFreed(int layer, int epoch, boolean allocatedSinceLoss) {
    live[layer]--;
    if (allocatedSinceLoss && liveEpoch[layer] == epoch) {
      liveSinceLoss[layer]--;
    }
  }
}
