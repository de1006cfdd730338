package dev.kstrace.analyze;

import dev.kstrace.analyze.CallFacts.AllocatorState;
import dev.kstrace.analyze.CallFacts.FrameState;
import dev.kstrace.traces.Detail;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceMetadata;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One pass over a trace in file order that resolves what a rule should not have to: which allocator
 * a context means, which frame an address is, what it was before, how many frames are live, and
 * whether lost events may explain what looks wrong.
 *
 * <p>It states facts and accuses nobody. The evaluation conventions of the domain are implemented
 * here once: identity by generation, the point of effect (rows are in that order), layers apart, a
 * fault that does not cascade (a wrong free leaves the frame as it is). Not thread-safe.
 */
final class Tracker {
  private static final int CALLBACK = Layer.CALLBACK.code();

  private final boolean completeStart;
  private final boolean allocatorsKnown;
  private final long snapshotRows;
  private final boolean unplacedLosses;
  private final TrackerSink sink;
  private final FrameHistory history;
  private final AllocatorTable allocators = new AllocatorTable();
  private final LiveRanges[] ranges = new LiveRanges[Allocator.LAYERS];
  private final PinTable pins = new PinTable();
  private final CallFacts facts = new CallFacts();
  private final long[] countByOp = new long[256];
  private final @Nullable OrdinaryCalls ordinary;

  private long events;
  private long previousSeq;
  private long highestSeq;
  private @Nullable Allocator previousAllocator;
  private int lossEpoch;
  private long lostEvents;
  private boolean lostUnknown;
  private long pendingHole;

  /** Count of an events_lost row just before: the hole behind it is the same loss. */
  private long announcedLoss;

  private boolean traceEnd;
  private long firstTime;
  private long lastTime;

  Tracker(TraceMetadata metadata, TrackerSink sink) {
    this(metadata, sink, FrameHistory.empty());
  }

  Tracker(TraceMetadata metadata, TrackerSink sink, FrameHistory history) {
    this.history = history;
    this.completeStart = metadata.completeStart();
    this.allocatorsKnown = metadata.allocatorsKnown();
    this.snapshotRows = metadata.snapshotRows();
    this.unplacedLosses = metadata.unplacedLosses();
    this.sink = sink;
    for (int layer = 0; layer < ranges.length; layer++) {
      ranges[layer] = new LiveRanges(layer);
    }
    ordinary =
        sink.sparesOrdinary()
            ? new OrdinaryCalls(allocators, ranges[CALLBACK], history, sink)
            : null;
  }

  /** Takes the next rows of the trace, which nobody has prepared. */
  void accept(EventBatch batch) {
    PreparedBatch prepared = new PreparedBatch(batch);
    prepared.prepare();
    accept(prepared);
  }

  /** Takes the next rows of the trace. */
  void accept(PreparedBatch prepared) {
    history.trim(allocators.all());
    EventBatch batch = prepared.events();
    if (isOrderly(prepared)) {
      acceptOrderly(prepared);
      return;
    }
    for (int row = 0; row < batch.rows(); row++) {
      int op = batch.op(row);
      checkOrder(batch, row, op);
      Allocator touched = accept(batch, row, op);
      boolean backwards = batch.has(row, EventBatch.T_EXIT) && batch.tExit(row) < batch.tEntry(row);
      if (backwards) {
        sink.disorder(batch, row, null);
        markDoubtful(touched);
      }
      previousAllocator = touched;
      previousSeq = batch.seq(row);
    }
  }

  /** Whether nothing is to be said of the order of some rows: the usual case. */
  private boolean isOrderly(PreparedBatch batch) {
    if (!batch.isAscending() || isFirst()) {
      return batch.isAscending();
    }
    return events > snapshotRows
        && previousSeq == highestSeq
        && batch.events().seq(0) == previousSeq + 1
        && previousSeq != -1; // the highest seq of all
  }

  /** Whether a trace begins that has no snapshot in front. */
  private boolean isFirst() {
    return events == 0 && snapshotRows == 0;
  }

  private void acceptOrderly(PreparedBatch prepared) {
    EventBatch batch = prepared.events();
    firstTime = isFirst() ? prepared.firstTime() : Math.min(firstTime, prepared.firstTime());
    lastTime = isFirst() ? prepared.lastTime() : Math.max(lastTime, prepared.lastTime());
    pendingHole = 0;
    int rows = batch.rows();
    int row = takeOrdinary(prepared, 0);
    while (row < rows) {
      previousAllocator = accept(batch, row, batch.op(row));
      row = takeOrdinary(prepared, row + 1);
    }
    previousSeq = batch.seq(rows - 1);
    highestSeq = previousSeq;
  }

  /** Takes the rows from one on that can go the short way; the first that cannot. */
  private int takeOrdinary(PreparedBatch prepared, int from) {
    if (ordinary == null) {
      return from;
    }
    EventBatch batch = prepared.events();
    int end = ordinary.take(prepared, from, lossEpoch);
    if (end > from) {
      int allocates = prepared.allocates(from, end);
      countByOp[Op.ALLOCATE.code()] += allocates;
      countByOp[Op.FREE.code()] += end - from - allocates;
      events += end - from;
      traceEnd = false;
      announcedLoss = 0;
      previousAllocator = allocators.find(batch.context(end - 1));
    }
    return end;
  }

  /** Takes a row whose order was looked at; the allocator that it is about. */
  private @Nullable Allocator accept(EventBatch batch, int row, int op) {
    begin(op);
    Allocator touched = null;
    if (op <= Op.DELETE.code() && op >= Op.INITIALIZE.code()) {
      touched = call(batch, row, op);
    } else {
      context(batch, row, op);
    }
    events++;
    return touched;
  }

  private void begin(int op) {
    countByOp[op]++;
    traceEnd = false;
    announcedLoss = 0;
  }

  /** Finds rows out of order and holes in {@code seq}, before anything else is said of the row. */
  private void checkOrder(EventBatch batch, int row, int op) {
    long seq = batch.seq(row);
    long entry = batch.tEntry(row);
    long last = batch.has(row, EventBatch.T_EXIT) ? Math.max(batch.tExit(row), entry) : entry;
    if (events == 0 || events == snapshotRows) {
      firstTime = entry;
      lastTime = last;
    }
    if (events <= snapshotRows) {
      // Rows of a snapshot are what is left of many; only what stands behind it is in sequence.
      boolean higher = events == 0 || Long.compareUnsigned(seq, highestSeq) > 0;
      highestSeq = higher ? seq : highestSeq;
      return;
    }
    firstTime = Math.min(firstTime, entry);
    lastTime = Math.max(lastTime, last);
    pendingHole = 0;
    if (Long.compareUnsigned(seq, previousSeq) <= 0) {
      sink.disorder(batch, row, previousSeq);
      markDoubtful(previousAllocator);
      if (batch.has(row, EventBatch.CONTEXT) && batch.layer(row) != Layer.NONE.code()) {
        markDoubtful(allocators.find(batch.context(row)));
      }
    } else if (Long.compareUnsigned(seq, highestSeq) > 0) {
      pendingHole = seq - highestSeq - 1;
      highestSeq = seq;
    }
    if (pendingHole != 0 && pendingHole != announcedLoss && op != Op.EVENTS_LOST.code()) {
      lose(seq, batch.tEntry(row), pendingHole, "hole in seq");
    }
  }

  /** Whether the row at hand belongs to a snapshot at the beginning of the trace. */
  boolean isScene() {
    return events < snapshotRows;
  }

  private static void markDoubtful(@Nullable Allocator allocator) {
    if (allocator != null) {
      allocator.orderDoubt = true;
    }
  }

  private void lose(long seq, long time, @Nullable Long count, String cause) {
    lossEpoch++;
    if (count == null) {
      lostUnknown = true;
    } else {
      lostEvents += count;
    }
    sink.loss(seq, time, count, cause);
  }

  // Context events.

  private void context(EventBatch batch, int row, int op) {
    if (op == Op.PIN_CREATE.code()) {
      if (batch.has(row, EventBatch.PIN)) {
        pins.open(batch, row, lossEpoch);
      }
    } else if (op == Op.PIN_CLOSE.code()) {
      Pin closed = pins.close(batch, row, lossEpoch);
      if (closed != null) {
        sink.pinClosed(closed, pins.open());
      }
    } else if (op == Op.PIN_STATE.code()) {
      sink.pinState(batch, row, pins.step(batch, row, lossEpoch, isScene()));
    } else if (op == Op.DRIVER_UNLOAD.code()) {
      for (Allocator allocator : allocators.all()) {
        allocator.liveAtUnload |= allocator.created && !allocator.deleted;
      }
    } else if (op == Op.PIN_RESET.code()) {
      pins.note(batch, row);
    } else if (op == Op.MARK.code()) {
      pins.note(batch, row);
      sink.mark(batch, row, Detail.parse(batch.detail(row)).text("text"));
    } else if (op == Op.EVENTS_LOST.code()) {
      Detail detail = Detail.parse(batch.detail(row));
      Long count = detail.number("count");
      announcedLoss = count == null ? 0 : count;
      String cause = detail.text("cause");
      lose(
          batch.seq(row),
          batch.tEntry(row),
          count == null && pendingHole != 0 ? Long.valueOf(pendingHole) : count,
          cause == null ? "not said" : cause);
    } else if (op == Op.TRACE_END.code()) {
      traceEnd = true;
    }
  }

  // Calls.

  private @Nullable Allocator call(EventBatch batch, int row, int op) {
    facts.begin(batch, row);
    facts.scene = isScene();
    int layer = batch.layer(row);
    if (op == Op.INITIALIZE.code()) {
      if (layer == CALLBACK) {
        initialize(batch, row);
      }
    } else if (layer >= CALLBACK && layer < Allocator.LAYERS && resolve(batch, row)) {
      if (op == Op.ALLOCATE.code()) {
        allocate(batch, row, layer);
      } else if (op == Op.FREE.code()) {
        free(batch, row, layer);
      } else if (layer == CALLBACK) {
        delete(batch, row);
      }
      noteExit(batch, row, op, layer);
    }
    sink.call(facts);
    return facts.allocator;
  }

  private void initialize(EventBatch batch, int row) {
    Integer status = batch.has(row, EventBatch.STATUS) ? batch.status(row) : null;
    Long context = batch.has(row, EventBatch.CONTEXT) ? batch.context(row) : null;
    boolean created = status == null ? context != null : NtStatus.isSuccess(status);
    Pin pin = pins.of(batch, row, lossEpoch);
    Allocator allocator =
        new Allocator(
            allocators.all().size(),
            batch.seq(row),
            batch.tEntry(row),
            batch.has(row, EventBatch.T_EXIT) ? batch.tExit(row) : null,
            batch.has(row, EventBatch.THREAD) ? batch.thread(row) : null,
            batch.has(row, EventBatch.IRQL_ENTRY) ? batch.irqlEntry(row) : null,
            batch.has(row, EventBatch.PIN) ? batch.pin(row) : null,
            pin,
            created ? context : null,
            status,
            batch.framing(row),
            created,
            created ? null : context,
            lossEpoch,
            pin != null && isDoubtful(pin));
    place(allocator);
    allocator.orderDoubt = unplacedLosses;
    allocator.contextDoubt = !allocatorsKnown || lossEpoch > 0;
    allocators.add(allocator);
    facts.allocator = allocator;
  }

  /**
   * Notes what stood there before a new allocator: its pin's wishes, another one of its context.
   */
  private void place(Allocator allocator) {
    Pin pin = allocator.pinInstance;
    if (pin != null) {
      allocator.asked = pin.framing;
      if (allocator.created) {
        pin.served = true;
        pin.allocators.add(allocator);
      }
    }
    if (allocator.context != null) {
      Allocator other = allocators.find(allocator.context);
      if (other != null && !other.deleted) {
        allocator.sharedSeq = other.seq;
        allocator.sharedDoubt = other.lossEpoch != lossEpoch;
      }
    }
  }

  private boolean isDoubtful(Pin pin) {
    return pin.lossEpoch != lossEpoch
        || (pin.createSeq == null && (!completeStart || lossEpoch > 0));
  }

  /** Finds the allocator behind the row's context; false where nothing more can be said. */
  private boolean resolve(EventBatch batch, int row) {
    if (!batch.has(row, EventBatch.CONTEXT)) {
      return false;
    }
    Allocator allocator = allocators.find(batch.context(row));
    facts.allocator = allocator;
    facts.allocatorDoubt = allocator != null && allocator.lossEpoch != lossEpoch;
    if (allocator == null) {
      facts.allocatorState = AllocatorState.NONE;
      Allocator failed = allocators.leftBehind(batch.context(row));
      if (failed != null) {
        facts.relate(failed.seq);
      }
      facts.doubt = !completeStart || lossEpoch > 0 || allocators.anyWithoutContext();
    } else if (allocator.deleted) {
      facts.allocatorState = AllocatorState.DELETED;
      facts.relate(allocator.deleteSeq);
      facts.doubt = allocator.deleteLossEpoch != lossEpoch;
      facts.allocatorDoubt |= allocator.contextDoubt;
      facts.overlapsDelete = overlapsDelete(batch, row, allocator);
    } else {
      facts.allocatorState = AllocatorState.LIVE;
      facts.doubt = allocator.lossEpoch != lossEpoch;
    }
    return true;
  }

  /** Entered before delete was, and still inside then; a call that returned says so by its exit. */
  private static boolean overlapsDelete(EventBatch batch, int row, Allocator allocator) {
    return batch.tEntry(row) < allocator.deleteTime
        && (!batch.has(row, EventBatch.T_EXIT) || batch.tExit(row) > allocator.deleteTime);
  }

  private void noteExit(EventBatch batch, int row, int op, int layer) {
    Allocator allocator = facts.allocator;
    if (allocator == null || layer != CALLBACK || op == Op.DELETE.code()) {
      return;
    }
    if (!facts.overlapsDelete) {
      allocator.noteExit(batch, row, facts.scene);
    } else if (allocator.overlapSeq == null) {
      allocator.overlapSeq = batch.seq(row);
    }
  }

  private void allocate(EventBatch batch, int row, int layer) {
    Allocator allocator = facts.allocator;
    if (allocator == null || allocator.deleted || !batch.has(row, EventBatch.FRAME)) {
      return;
    }
    long address = batch.frame(row);
    facts.liveBefore = allocator.live(layer);
    facts.liveAfter = facts.liveBefore;
    if (address == 0) {
      facts.frameState = FrameState.NULL;
      if (layer == CALLBACK) {
        noteFailure(batch, row, allocator);
      }
      return;
    }
    allocator.allocates += layer == CALLBACK ? 1 : 0;
    FrameTable frames = allocator.frames(layer);
    int slot = frames.find(address);
    if (frames.isLive(slot)) {
      facts.frameState = FrameState.LIVE;
      facts.relate(frames.allocateSeq(slot));
      facts.frameId = frames.frameId(slot);
      facts.generation = frames.generation(slot);
      facts.doubt = frames.lossEpoch(slot) != lossEpoch;
      return;
    }
    boolean ghost = batch.has(row, EventBatch.STATUS) && !NtStatus.isSuccess(batch.status(row));
    facts.frameState = FrameState.FRESH;
    boolean placed = false;
    long placedBytes = 0;
    if (slot == FrameTable.ABSENT) {
      slot = frames.add(address);
      history.added();
    } else {
      placed = frames.isPlaced(slot);
      placedBytes = allocator.rangeBytes(frames, slot);
      if (frames.state(slot) == FrameTable.FREED) {
        facts.frameState = FrameState.FREED;
        facts.relate(frames.freeSeq(slot));
      }
    }
    fill(frames, slot, batch, row, allocator, ghost);
    if (ghost) {
      facts.frameState = FrameState.GHOST;
      return;
    }
    frames.countAllocated(lossEpoch);
    if (layer == CALLBACK) {
      allocator.peak = Math.max(allocator.peak, frames.live());
    }
    facts.liveAfter = frames.live();
    facts.surelyLiveAfter = frames.liveSinceLoss(lossEpoch);
    long bytes = allocator.rangeBytes(frames, slot);
    if (placed && bytes == placedBytes) {
      frames.setPlaced(slot, true); // the place that it had before is still its own
    } else {
      place(frames, slot, bytes, allocator);
    }
  }

  private void noteFailure(EventBatch batch, int row, Allocator allocator) {
    allocator.failedAllocates++;
    Framing framing = allocator.framing;
    long limit = framing == null ? 0 : framing.frameLimit();
    allocator.failures.add(
        batch.seq(row), batch.tEntry(row), allocator.allocates, facts.liveBefore, limit);
  }

  private void fill(
      FrameTable frames, int slot, EventBatch batch, int row, Allocator allocator, boolean ghost) {
    boolean exit = batch.has(row, EventBatch.T_EXIT);
    frames.begin(
        slot,
        ghost ? 0 : history.nextFrameId(),
        batch.seq(row),
        exit ? batch.tExit(row) : batch.tEntry(row),
        batch.size(row),
        batch.thread(row),
        lossEpoch,
        FrameTable.flags(
            ghost ? FrameTable.GHOST : FrameTable.LIVE,
            batch.has(row, EventBatch.SIZE),
            batch.has(row, EventBatch.THREAD),
            allocator.pinDoubt || allocator.lossEpoch != lossEpoch));
    facts.frameId = frames.frameId(slot);
    facts.generation = frames.generation(slot);
  }

  /**
   * Gives a new frame its place among the live ones; one that overlaps gets none and is not
   * compared with later frames, so that one wrong address is one finding.
   */
  private void place(FrameTable frames, int slot, long bytes, Allocator allocator) {
    LiveRanges live = ranges[frames.layer()];
    if (live.place(frames.address(slot), bytes, allocator)) {
      frames.setPlaced(slot, true);
      return;
    }
    Allocator holder = live.holder();
    FrameTable held = live.frames();
    boolean exact = held.address(live.slot()) == frames.address(slot);
    if (exact && (isTwoDimensional(holder) || isTwoDimensional(allocator))) {
      return;
    }
    facts.frameState = exact ? FrameState.LIVE_ELSEWHERE : FrameState.INSIDE;
    facts.relate(held.allocateSeq(live.slot()));
    facts.baseFrame = held.address(live.slot());
    involve(holder);
    facts.doubt = held.lossEpoch(live.slot()) != lossEpoch;
  }

  private static boolean isTwoDimensional(Allocator allocator) {
    return allocator.framing != null && allocator.framing.isTwoDimensional();
  }

  private void free(EventBatch batch, int row, int layer) {
    Allocator allocator = facts.allocator;
    if (allocator == null || !batch.has(row, EventBatch.FRAME)) {
      return;
    }
    allocator.frees += layer == CALLBACK ? 1 : 0;
    facts.liveBefore = allocator.live(layer);
    facts.liveAfter = facts.liveBefore;
    long address = batch.frame(row);
    if (address == 0) {
      facts.frameState = FrameState.NULL;
      return;
    }
    FrameTable frames = allocator.frames(layer);
    int slot = frames.find(address);
    if (frames.isUnfreed(slot)) {
      end(frames, slot, batch, row, allocator);
      return;
    }
    Allocator sharing = holderOfSameContext(allocator, layer, address);
    if (sharing != null) {
      facts.doubt = false;
      FrameTable shared = sharing.frames(layer);
      end(shared, shared.find(address), batch, row, sharing);
      return;
    }
    if (!allocator.deleted) {
      classifyWrongFree(frames, slot, batch.seq(row), address, allocator);
    }
  }

  /** An allocator of the same context value with such a frame: whose free this is, nobody knows. */
  private @Nullable Allocator holderOfSameContext(Allocator allocator, int layer, long address) {
    List<Allocator> sharing =
        allocator.context == null ? List.of() : allocators.withContext(allocator.context);
    for (int i = sharing.size() - 1; i >= 0; i--) {
      FrameTable frames = sharing.get(i) == allocator ? null : sharing.get(i).framesIfAny(layer);
      if (frames != null && frames.isUnfreed(frames.find(address))) {
        return sharing.get(i);
      }
    }
    return null;
  }

  private void end(FrameTable frames, int slot, EventBatch batch, int row, Allocator owner) {
    int was = frames.state(slot);
    int layer = frames.layer();
    facts.frameState = was == FrameTable.GHOST ? FrameState.GHOST : FrameState.LIVE;
    facts.frameId = frames.frameId(slot);
    facts.generation = frames.generation(slot);
    if (!owner.deleted) {
      facts.relate(frames.allocateSeq(slot));
    }
    frames.setState(slot, FrameTable.FREED);
    if (was == FrameTable.LIVE) {
      frames.countFreed(lossEpoch, frames.lossEpoch(slot) == lossEpoch);
    } else if (was == FrameTable.ORPHANED && facts.overlapsDelete && layer == CALLBACK) {
      owner.liveAtDelete--;
      if (frames.lossEpoch(slot) == owner.deleteLossEpoch) {
        owner.surelyLiveAtDelete--;
      }
    }
    facts.liveAfter = owner.live(layer);
    if (was != FrameTable.GHOST) {
      sink.frame(frames, slot, owner, batch, row);
    }
    frames.setFree(slot, batch.seq(row), lossEpoch);
  }

  /** Says what an address is that this allocator does not have live; no frame changes its state. */
  private void classifyWrongFree(
      FrameTable frames, int slot, long seq, long address, Allocator allocator) {
    facts.allocatorDoubt |= allocator.contextDoubt;
    LiveRanges live = ranges[frames.layer()];
    boolean held = live.isHeld(address);
    if (held && heldStart(live) == address) {
      facts.frameState = FrameState.LIVE_ELSEWHERE;
      blame(live);
    } else if (slot != FrameTable.ABSENT) {
      facts.frameState = FrameState.FREED;
      facts.frameId = frames.frameId(slot);
      facts.generation = frames.generation(slot);
      facts.relate(frames.freeSeq(slot));
      facts.doubt = frames.lossEpoch(slot) != lossEpoch;
      if (facts.doubt) {
        // Whatever was lost, from here on this is the free that a next one repeats.
        frames.setFree(slot, seq, lossEpoch);
      }
    } else if (held) {
      history.miss(address);
      facts.frameState = FrameState.INSIDE;
      facts.baseFrame = heldStart(live);
      blame(live);
    } else {
      history.miss(address);
      facts.frameState = FrameState.FRESH;
      facts.doubt = !completeStart || lossEpoch > 0;
      knownElsewhere(address, frames.layer(), allocator);
    }
  }

  private static long heldStart(LiveRanges live) {
    return live.frames().address(live.slot());
  }

  private void blame(LiveRanges live) {
    FrameTable frames = live.frames();
    int slot = live.slot();
    facts.frameId = frames.frameId(slot);
    facts.generation = frames.generation(slot);
    facts.relate(frames.allocateSeq(slot));
    involve(live.holder());
    facts.doubt = frames.lossEpoch(slot) != lossEpoch;
  }

  private void involve(Allocator other) {
    facts.otherAllocator = other.index;
    facts.allocatorDoubt |= other.lossEpoch != lossEpoch;
  }

  /** Remembers for the message which other allocator or layer once had the address. */
  private void knownElsewhere(long address, int layer, Allocator allocator) {
    for (int other = CALLBACK; other < Allocator.LAYERS; other++) {
      FrameTable frames = allocator.framesIfAny(other);
      if (other != layer && frames != null && frames.find(address) != FrameTable.ABSENT) {
        facts.doubt = true;
      }
    }
    List<Allocator> all = allocators.all();
    for (int i = all.size() - 1; i >= 0; i--) {
      FrameTable frames = all.get(i).framesIfAny(layer);
      int slot = frames == null ? FrameTable.ABSENT : frames.find(address);
      if (frames != null && slot != FrameTable.ABSENT) {
        facts.otherAllocator = i;
        facts.relate(frames.allocateSeq(slot));
        return;
      }
    }
  }

  private void delete(EventBatch batch, int row) {
    Allocator allocator = facts.allocator;
    if (allocator == null || allocator.deleted) {
      facts.overlapsDelete = false;
      return;
    }
    allocator.deleted = true;
    allocator.unusual = PreparedBatch.ANY;
    allocator.deleteSeq = batch.seq(row);
    allocator.deleteTime = batch.tEntry(row);
    allocator.deleteThread = batch.has(row, EventBatch.THREAD) ? batch.thread(row) : null;
    allocator.deleteLossEpoch = lossEpoch;
    allocator.liveAtDelete = allocator.live(CALLBACK);
    allocator.surelyLiveAtDelete = allocator.liveSinceLoss(CALLBACK, lossEpoch);
    facts.liveBefore = allocator.liveAtDelete;
    facts.liveAfter = allocator.liveAtDelete;
    if (allocator.pinInstance != null) {
      allocator.pinInstance.allocators.remove(allocator);
    }
    if (allocator.latestExit > allocator.deleteTime
        && allocator.latestExitEntry < allocator.deleteTime) {
      allocator.overlapSeq = allocator.latestExitSeq;
    }
    int unfreed = 0;
    for (int layer = CALLBACK; layer < Allocator.LAYERS; layer++) {
      FrameTable frames = allocator.framesIfAny(layer);
      unfreed += frames == null ? 0 : frames.orphan();
    }
    if (unfreed == 0) {
      allocators.retire(allocator);
    }
  }

  // The end.

  /** Hands out the frames that were not freed; call once after the last row. */
  void finish() {
    List<Unfreed> unfreed = new ArrayList<>();
    for (Allocator allocator : allocators.all()) {
      for (int layer = CALLBACK; layer < Allocator.LAYERS; layer++) {
        FrameTable frames = allocator.framesIfAny(layer);
        if (frames != null) {
          addUnfreed(frames, allocator, unfreed);
        }
      }
    }
    unfreed.sort(Comparator.comparingLong(frame -> frame.frames.frameId(frame.slot)));
    for (Unfreed frame : unfreed) {
      sink.frame(frame.frames, frame.slot, frame.allocator, null, 0);
    }
  }

  private record Unfreed(FrameTable frames, int slot, Allocator allocator) {}

  private static void addUnfreed(FrameTable frames, Allocator allocator, List<Unfreed> unfreed) {
    for (int slot = frames.nextInUse(FrameTable.ABSENT);
        slot != FrameTable.ABSENT;
        slot = frames.nextInUse(slot)) {
      int state = frames.state(slot);
      if (state == FrameTable.LIVE || state == FrameTable.ORPHANED) {
        unfreed.add(new Unfreed(frames, slot, allocator));
      }
    }
  }

  List<Allocator> allocators() {
    return allocators.all();
  }

  List<PinFraming> pinFramings() {
    return pins.framings();
  }

  List<Pin> pins() {
    return pins.all();
  }

  long events() {
    return events;
  }

  /** Events by operation code. */
  long[] countByOp() {
    return countByOp.clone();
  }

  /** Events that are known to be lost; a lower bound where {@link #lostUnknown} is true. */
  long lostEvents() {
    return lostEvents;
  }

  /** Whether some loss did not say how many events it took. */
  boolean lostUnknown() {
    return lostUnknown;
  }

  /** How many losses there were; frames and allocators remember the number at their birth. */
  int lossEpoch() {
    return lossEpoch;
  }

  /** Whether the last row is a trace_end. */
  boolean endsWithTraceEnd() {
    return traceEnd;
  }

  /** Earliest time of the trace in ns; 0 without events. */
  long firstTime() {
    return firstTime;
  }

  /** Latest time of the trace in ns; 0 without events. */
  long lastTime() {
    return lastTime;
  }
}
