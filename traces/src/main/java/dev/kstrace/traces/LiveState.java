package dev.kstrace.traces;

import dev.kstrace.traces.LossLog.Loss;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is live at some place of a trace, as the few rows that made it so: for traces that begin in
 * the middle, such as a cut or a ring that keeps the newest events only.
 *
 * <p>Give it every row that is left out, in file order; then write {@link #snapshot} in front of
 * the rows that stay, all unchanged, and {@link #describe} in the metadata. The verdict on the rows
 * that stay is then the one that the whole trace would have got: nothing looks leaked, foreign or
 * unknown because its beginning is missing, {@code kstrace.complete_start} stays as it was, and a
 * loss in front of the cut casts the same doubt.
 *
 * <pre>
 *   LiveState before = new LiveState(metadata);
 *   before.accept(leftOut);                            // batch by batch
 *   EventBatch snapshot = before.snapshot(kept, 0);
 *   writer = TraceWriter.create(file, LiveState.describe(metadata, snapshot), false);
 *   writer.write(snapshot);
 *   writer.write(kept);
 * </pre>
 *
 * <p>Kept are, with their {@code seq} and times: {@code pin_create} and the last {@code pin_state}
 * of pins that are open or whose allocators are kept; {@code initialize} of live allocators and of
 * the last allocator of each context, with its {@code delete}; {@code allocate} of outstanding
 * frames; the last {@code allocate} and {@code free} of every other address of a live allocator,
 * without which a second free would look like one of an unknown frame; the last {@code
 * driver_unload}; the last mark of each thread; losses, one between any two other rows. So memory
 * grows with the addresses in use and not with the number of events, and no row costs an object
 * once its address was seen. A row that is left out may be reused after {@link #accept}. Not
 * thread-safe.
 */
public final class LiveState {
  private static final int CALLBACK = Layer.CALLBACK.code();
  private static final int LAYERS = Layer.values().length;

  private final long snapshotRows;
  private final RowStore rows = new RowStore();
  private final LossLog losses = new LossLog();
  private final LongIntMap contexts = new LongIntMap();
  private final List<List<LiveAllocator>> allocatorsByContext = new ArrayList<>();
  private final Map<Long, LivePin> openPins = new HashMap<>();
  private int unload = RowStore.NONE;

  /** The last mark of each thread; null = not recorded. */
  private final Map<@Nullable Integer, Integer> marks = new HashMap<>();

  private long seen;
  private long previousSeq;
  private long highestSeq;
  private long highestTime;
  private long announcedLoss;
  private boolean disordered;

  /**
   * Nothing is live.
   *
   * @param metadata of the trace whose rows follow; a snapshot at its own beginning is honoured
   */
  public LiveState(TraceMetadata metadata) {
    this.snapshotRows = metadata.snapshotRows();
  }

  /** Metadata of a trace that begins with a snapshot. */
  public static TraceMetadata describe(TraceMetadata metadata, EventBatch snapshot) {
    return metadata.with(TraceMetadata.SNAPSHOT_ROWS, Integer.toString(snapshot.rows()));
  }

  /** Takes the next rows; they may be reused afterwards. */
  public void accept(EventBatch batch) {
    for (int row = 0; row < batch.rows(); row++) {
      accept(batch, row);
    }
  }

  /** Takes the next row; it may be reused afterwards. */
  public void accept(EventBatch batch, int row) {
    int op = batch.op(row);
    long hole = isScene() ? 0 : hole(batch, row);
    if (hole != 0 && hole != announcedLoss && op != Op.EVENTS_LOST.code()) {
      losses.add(holeBefore(batch, row, hole), rows);
    }
    announcedLoss = 0;
    disordered |=
        !isScene() && seen > snapshotRows && Long.compareUnsigned(batch.seq(row), previousSeq) <= 0;
    disordered |= batch.has(row, EventBatch.T_EXIT) && batch.tExit(row) < batch.tEntry(row);
    if (op >= Op.INITIALIZE.code() && op <= Op.DELETE.code()) {
      call(batch, row, op);
    } else {
      context(batch, row, op, hole);
    }
    previousSeq = batch.seq(row);
    if (seen == 0 || Long.compareUnsigned(previousSeq, highestSeq) > 0) {
      highestSeq = previousSeq;
    }
    highestTime = Math.max(seen == 0 ? Long.MIN_VALUE : highestTime, batch.tEntry(row));
    seen++;
  }

  /** Rows that are kept, as a measure of memory: about 200 bytes each. */
  public int keptRows() {
    return rows.size();
  }

  /**
   * Forgets what only serves to call a wrong call by its right name: addresses that were freed,
   * allocators that were deleted, and all marks but the newest. A double free may then look like
   * the free of an unknown frame; a snapshot must say so by {@code kstrace.complete_start} =
   * "false".
   */
  public void forgetEnded() {
    forgetOlderMarks();
    for (List<LiveAllocator> sharing : allocatorsByContext) {
      forgetDeleted(sharing, sharing.size());
      for (LiveAllocator allocator : sharing) {
        allocator.forgetFreed(rows);
      }
    }
  }

  /** Leaves the newest mark of any thread. */
  private void forgetOlderMarks() {
    long newest = marks.values().stream().mapToLong(rows::place).max().orElse(0);
    marks
        .values()
        .removeIf(
            number -> {
              boolean older = rows.place(number) < newest;
              if (older) {
                rows.remove(number);
              }
              return older;
            });
  }

  /** Rows that a snapshot would have now, a last loss not counted. */
  public int size() {
    return rows.size() + losses.merged(places(rows.inOrder())).size();
  }

  /**
   * The rows to write in front of a row, in the order in which they happened. What comes later may
   * still be accepted.
   *
   * @param next a batch that holds the first row that stays
   * @param nextRow that row; it is not accepted
   * @return a batch of exactly those rows, possibly none
   */
  public EventBatch snapshot(EventBatch next, int nextRow) {
    int[] numbers = rows.inOrder();
    List<Loss> lost = losses.merged(places(numbers));
    addLast(lost, next, nextRow);
    EventBatch batch = new EventBatch(Math.max(1, numbers.length + lost.size()));
    int at = 0;
    int loss = 0;
    for (int number : numbers) {
      for (; loss < lost.size() && lost.get(loss).place() <= rows.place(number); loss++) {
        lost.get(loss).fill(batch, at++);
      }
      rows.copyTo(batch, at++, number);
    }
    for (; loss < lost.size(); loss++) {
      lost.get(loss).fill(batch, at++);
    }
    batch.setRows(at);
    return batch;
  }

  /** Adds what was lost just before the next row, and the doubt that a broken order leaves. */
  private void addLast(List<Loss> lost, EventBatch next, int nextRow) {
    long hole = isScene() ? 0 : hole(next, nextRow);
    if (hole != 0 && hole != announcedLoss && next.op(nextRow) != Op.EVENTS_LOST.code()) {
      lost.add(holeBefore(next, nextRow, hole));
    }
    if (disordered) {
      String cause = "rows before this one are out of order";
      lost.add(new Loss(seen, highestSeq, highestTime, null, cause));
    }
  }

  private long[] places(int[] numbers) {
    return java.util.Arrays.stream(numbers).mapToLong(rows::place).toArray();
  }

  /** Whether the next row belongs to the snapshot of the trace itself. */
  private boolean isScene() {
    return seen < snapshotRows;
  }

  /** Missing numbers before a row; 0 where none are, or where the row is out of order. */
  private long hole(EventBatch batch, int row) {
    long seq = batch.seq(row);
    boolean rises =
        seen > snapshotRows
            && Long.compareUnsigned(seq, previousSeq) > 0
            && Long.compareUnsigned(seq, highestSeq) > 0;
    return rises ? seq - highestSeq - 1 : 0;
  }

  private Loss holeBefore(EventBatch batch, int row, long hole) {
    // The last missing number, so that the order of the rows stays strict.
    return new Loss(seen, batch.seq(row) - 1, batch.tEntry(row), hole, "hole in seq");
  }

  // Context events.

  private void context(EventBatch batch, int row, int op, long hole) {
    if (op == Op.EVENTS_LOST.code()) {
      Detail detail = Detail.parse(batch.detail(row));
      Long count = detail.number("count");
      announcedLoss = count == null ? 0 : count;
      Long known = count == null && hole != 0 ? Long.valueOf(hole) : count;
      String cause = detail.text("cause");
      losses.add(
          new Loss(
              seen, batch.seq(row), batch.tEntry(row), known, cause == null ? "not said" : cause),
          rows);
    } else if (op == Op.MARK.code()) {
      Integer thread =
          batch.has(row, EventBatch.THREAD) ? Integer.valueOf(batch.thread(row)) : null;
      int before = marks.getOrDefault(thread, RowStore.NONE);
      marks.put(thread, rows.replace(before, batch, row, seen));
    } else if (op == Op.DRIVER_UNLOAD.code()) {
      unload = rows.replace(unload, batch, row, seen);
    } else if (!batch.has(row, EventBatch.PIN)) {
      return;
    } else if (op == Op.PIN_CREATE.code()) {
      LivePin pin = new LivePin();
      pin.create = rows.add(batch, row, seen);
      closed(openPins.put(batch.pin(row), pin));
    } else if (op == Op.PIN_CLOSE.code()) {
      LivePin pin = openPins.remove(batch.pin(row));
      if (pin != null && pin.allocators > 0) {
        pin.close = rows.add(batch, row, seen);
      }
      closed(pin);
    } else if (op == Op.PIN_STATE.code()) {
      LivePin pin = openPins.computeIfAbsent(batch.pin(row), key -> new LivePin());
      pin.state = rows.replace(pin.state, batch, row, seen);
    }
  }

  private void closed(@Nullable LivePin pin) {
    if (pin != null) {
      pin.open = false;
      forgetUnused(pin);
    }
  }

  private void forgetUnused(LivePin pin) {
    if (!pin.open && pin.allocators == 0) {
      rows.remove(pin.create);
      rows.remove(pin.state);
      rows.remove(pin.close);
    }
  }

  // Calls.

  private void call(EventBatch batch, int row, int op) {
    int layer = batch.layer(row);
    if (op == Op.INITIALIZE.code()) {
      if (layer == CALLBACK) {
        initialize(batch, row);
      }
      return;
    }
    if (layer < CALLBACK || layer >= LAYERS || !batch.has(row, EventBatch.CONTEXT)) {
      return;
    }
    int index = contexts.get(batch.context(row));
    if (index == LongIntMap.ABSENT) {
      return;
    }
    List<LiveAllocator> sharing = allocatorsByContext.get(index);
    if (sharing.isEmpty()) {
      return;
    }
    LiveAllocator allocator = meant(sharing);
    if (op == Op.ALLOCATE.code()) {
      allocate(batch, row, allocator);
    } else if (op == Op.FREE.code()) {
      free(batch, row, allocator, sharing);
    } else if (layer == CALLBACK && !allocator.deleted) {
      allocator.delete(rows, rows.add(batch, row, seen));
      forgetDeleted(sharing);
    }
  }

  private void initialize(EventBatch batch, int row) {
    boolean known = batch.has(row, EventBatch.CONTEXT);
    LivePin pin =
        batch.has(row, EventBatch.PIN)
            ? openPins.computeIfAbsent(batch.pin(row), key -> new LivePin())
            : null;
    boolean created =
        batch.has(row, EventBatch.STATUS) ? NtStatus.isSuccess(batch.status(row)) : known;
    if (!created) {
      return;
    }
    LiveAllocator allocator = new LiveAllocator(rows.add(batch, row, seen), pin, LAYERS);
    if (pin != null) {
      pin.allocators++;
    }
    if (known) {
      // An allocator of unknown context is kept for good: nothing can name it, nor delete it.
      int index = contexts.get(batch.context(row));
      if (index == LongIntMap.ABSENT) {
        index = allocatorsByContext.size();
        contexts.put(batch.context(row), index);
        allocatorsByContext.add(new ArrayList<>(1));
      }
      List<LiveAllocator> sharing = allocatorsByContext.get(index);
      sharing.add(allocator);
      forgetDeleted(sharing);
    }
  }

  /** The newest live allocator of a context, else the newest one. */
  private static LiveAllocator meant(List<LiveAllocator> sharing) {
    for (int i = sharing.size() - 1; i >= 0; i--) {
      if (!sharing.get(i).deleted) {
        return sharing.get(i);
      }
    }
    return sharing.get(sharing.size() - 1);
  }

  /** Forgets deleted allocators that no later call can mean, nor free a frame of. */
  private void forgetDeleted(List<LiveAllocator> sharing) {
    forgetDeleted(sharing, sharing.size() - 1);
  }

  private void forgetDeleted(List<LiveAllocator> sharing, int end) {
    for (int i = end - 1; i >= 0; i--) {
      LiveAllocator allocator = sharing.get(i);
      if (allocator.deleted && allocator.unfreed == 0) {
        sharing.remove(i);
        rows.remove(allocator.initialize);
        rows.remove(allocator.delete);
        if (allocator.pin != null) {
          allocator.pin.allocators--;
          forgetUnused(allocator.pin);
        }
      }
    }
  }

  private void allocate(EventBatch batch, int row, LiveAllocator allocator) {
    if (allocator.deleted || !batch.has(row, EventBatch.FRAME) || batch.frame(row) == 0) {
      return;
    }
    LiveFrame frame = allocator.frame(batch.layer(row), batch.frame(row));
    if (frame.isLive()) {
      return;
    }
    allocator.unfreed += frame.isUnfreed() ? 0 : 1;
    frame.contradicted =
        batch.has(row, EventBatch.STATUS) && !NtStatus.isSuccess(batch.status(row));
    frame.allocate = rows.replace(frame.allocate, batch, row, seen);
    rows.remove(frame.free);
    frame.free = RowStore.NONE;
  }

  private void free(
      EventBatch batch, int row, LiveAllocator allocator, List<LiveAllocator> sharing) {
    if (!batch.has(row, EventBatch.FRAME) || batch.frame(row) == 0) {
      return;
    }
    if (allocator.free(rows, batch, row, seen)) {
      forgetDeleted(sharing);
      return;
    }
    // Whose frame this is among allocators of one context, nobody knows.
    for (int i = sharing.size() - 1; i >= 0; i--) {
      if (sharing.get(i).free(rows, batch, row, seen)) {
        forgetDeleted(sharing);
        return;
      }
    }
  }
}
