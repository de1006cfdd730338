package dev.kstrace.capture.run;

import dev.kstrace.traces.Detail;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The recorder's side of a shared ring: makes the file, and takes events out of it in their order.
 *
 * <p>Producers are other processes, which may stop or die anywhere, so nothing in a slot is trusted
 * before it is checked: what makes no sense is counted as lost. One consumer; not thread-safe,
 * except for {@link #close}.
 */
final class SharedRing {
  private static final VarHandle LONGS =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final VarHandle INTS =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

  /** What is at a position. */
  private enum Slot {
    EVENT,
    UNRETURNED,
    UNPUBLISHED
  }

  private final MappedByteBuffer map;
  private final int capacity;
  private final byte[] particulars;
  private long position;
  private long nextSeq = 1;
  private long lost;

  private SharedRing(MappedByteBuffer map, int capacity) {
    this.map = map;
    this.capacity = capacity;
    this.particulars = new byte[256 * RingLayout.SLOT_BYTES];
  }

  /**
   * Fills an empty file with an empty ring.
   *
   * @param file exists and is empty
   * @param capacity slots, a power of two, at least 1024
   * @param blockWhenFull whether producers wait for room, for a second at most
   * @throws IOException if the file cannot be mapped
   */
  static SharedRing create(Path file, int capacity, boolean blockWhenFull) throws IOException {
    if (capacity < RingLayout.LEAST_CAPACITY || Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException(
          "capacity=" + capacity + ", expected a power of two, at least 1024");
    }
    long bytes = RingLayout.HEADER_BYTES + (long) capacity * RingLayout.SLOT_BYTES;
    MappedByteBuffer map;
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      // Written, not only mapped: a full disk must fail here and not in the program that records.
      ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 16);
      while (channel.position() < bytes) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - channel.position()));
        channel.write(zeros);
      }
      map = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes);
    }
    map.order(ByteOrder.nativeOrder());
    map.putInt(RingLayout.VERSION_AT, RingLayout.VERSION);
    map.putInt(RingLayout.HEADER_BYTES_AT, RingLayout.HEADER_BYTES);
    map.putInt(RingLayout.SLOT_BYTES_AT, RingLayout.SLOT_BYTES);
    map.putInt(RingLayout.CAPACITY_AT, capacity);
    map.putInt(RingLayout.BLOCK_WHEN_FULL_AT, blockWhenFull ? 1 : 0);
    LONGS.setRelease(map, RingLayout.MAGIC_AT, RingLayout.MAGIC);
    return new SharedRing(map, capacity);
  }

  /** Events that no event of the trace stands for, of all causes. */
  long lost() {
    return lost;
  }

  /** Processes that came to the ring so far. */
  int attached() {
    return (int) INTS.getAcquire(map, RingLayout.ATTACHED_AT);
  }

  /** Whether every process that came has ended in order. */
  boolean allDetached() {
    return attached() == (int) INTS.getAcquire(map, RingLayout.DETACHED_AT);
  }

  /** How often programs asked for a dump; wraps around. */
  int dumps() {
    return (int) INTS.getAcquire(map, RingLayout.DUMPS_AT);
  }

  /** Position after the newest claim. */
  private long tail() {
    return (long) LONGS.getAcquire(map, RingLayout.WORD_AT) >>> RingLayout.POSITION_SHIFT;
  }

  /** Whether everything that was claimed is taken out. */
  boolean isDrained() {
    return position >= tail();
  }

  /** The position that {@link #drain} stopped at. */
  long position() {
    return position;
  }

  /** Lets producers record nothing any more. Thread-safe. */
  void close() {
    LONGS.getAndBitwiseOr(map, RingLayout.WORD_AT, RingLayout.CLOSED_BIT);
  }

  /**
   * Moves published events to the end of a batch, until it is full or an event is not ready.
   *
   * @param takeUnreturned whether a free or delete that has not returned is taken as it is
   */
  void drain(EventBatch batch, boolean takeUnreturned) {
    long tail = tail();
    long before = position;
    while (position < tail && !batch.isFull()) {
      Slot slot = look(position, takeUnreturned);
      if (slot == Slot.UNPUBLISHED) {
        break;
      }
      take(batch, tail, slot == Slot.EVENT);
    }
    if (position != before) {
      LONGS.setRelease(map, RingLayout.RELEASED_AT, position);
    }
  }

  /**
   * Gives up on an event whose producer does not publish it: a call that was about to get its
   * return is taken without; anything else, up to the next published event, is lost.
   */
  void skipUnpublished(EventBatch batch, long now) {
    long tail = tail();
    long from = position;
    long returning = RingLayout.state(position, RingLayout.RETURNING);
    if (LONGS.compareAndSet(map, at(position), returning, 0L)) {
      take(batch, tail, false);
      LONGS.setRelease(map, RingLayout.RELEASED_AT, position);
      return;
    }
    do {
      LONGS.setRelease(map, at(position), 0L);
      position++;
    } while (position < tail && look(position, false) == Slot.UNPUBLISHED && !isEntered(position));
    // One slot is one event; of several it cannot be known how many they were.
    addLoss(batch, position - from == 1 ? 1 : -1, "producer died", now);
    LONGS.setRelease(map, RingLayout.RELEASED_AT, position);
  }

  /** Accounts for what was lost after the last event; of a closed ring. */
  void addOpenLosses(EventBatch batch, long now) {
    long word = (long) LONGS.getAcquire(map, RingLayout.WORD_AT);
    long open = (word >>> RingLayout.LOSS_SHIFT) & RingLayout.MOST_LOSSES;
    open += (long) LONGS.getAcquire(map, RingLayout.SPILLED_AT);
    if (open != 0) {
      addLoss(batch, open, "ring full", now);
    }
  }

  /** Adds the row of an orderly end. */
  void addEnd(EventBatch batch, long now) {
    int row = begin(batch, Op.TRACE_END.code(), Layer.NONE.code(), now);
    batch.setDetail(row, Detail.builder().put("lost_total", lost).build().toJson());
    batch.setRows(row + 1);
  }

  private int at(long slot) {
    return RingLayout.HEADER_BYTES + ((int) slot & (capacity - 1)) * RingLayout.SLOT_BYTES;
  }

  private boolean isEntered(long slot) {
    return (long) LONGS.getAcquire(map, at(slot)) == RingLayout.state(slot, RingLayout.ENTERED);
  }

  private Slot look(long slot, boolean takeUnreturned) {
    long state = (long) LONGS.getAcquire(map, at(slot));
    if (state == RingLayout.state(slot, RingLayout.DONE)) {
      return Slot.EVENT;
    }
    boolean taken =
        takeUnreturned
            && state == RingLayout.state(slot, RingLayout.ENTERED)
            && LONGS.compareAndSet(map, at(slot), state, 0L);
    return taken ? Slot.UNRETURNED : Slot.UNPUBLISHED;
  }

  /** Takes the event at {@link #position} and goes on behind it. */
  private void take(EventBatch batch, long tail, boolean returned) {
    int at = at(position);
    int extra = map.get(at + RingLayout.EXTRA_AT) & 0xFF;
    long time = map.getLong(at + RingLayout.T_ENTRY_AT);
    if (position + 1 + extra > tail) {
      clear(1);
      addLoss(batch, 1, "damaged in the ring", time);
      return;
    }
    int op = map.get(at + RingLayout.OP_AT) & 0xFF;
    int present = map.getShort(at + RingLayout.PRESENT_AT) & 0xFFFF;
    if (op == Op.EVENTS_LOST.code()) {
      long count = map.getLong(at + RingLayout.SIZE_AT);
      clear(1 + extra);
      addLoss(batch, count, "ring full", time);
      return;
    }
    int row = begin(batch, op, map.get(at + RingLayout.LAYER_AT) & 0xFF, time);
    fill(batch, row, at, returned ? present : present & ~EventBatch.T_EXIT);
    if (extra > 0) {
      readParticulars(extra);
      fillParticulars(batch, row, present, extra);
    }
    batch.setRows(row + 1);
    clear(1 + extra);
  }

  private void fill(EventBatch batch, int row, int at, int present) {
    if ((present & EventBatch.T_EXIT) != 0) {
      batch.setTExit(row, map.getLong(at + RingLayout.T_EXIT_AT));
    }
    if ((present & EventBatch.THREAD) != 0) {
      batch.setThread(row, map.getInt(at + RingLayout.THREAD_AT));
    }
    if ((present & EventBatch.IRQL_ENTRY) != 0) {
      batch.setIrqlEntry(row, map.get(at + RingLayout.IRQL_ENTRY_AT));
    }
    if ((present & EventBatch.IRQL_EXIT) != 0) {
      batch.setIrqlExit(row, map.get(at + RingLayout.IRQL_EXIT_AT));
    }
    if ((present & EventBatch.CONTEXT) != 0) {
      batch.setContext(row, map.getLong(at + RingLayout.CONTEXT_AT));
    }
    if ((present & EventBatch.FRAME) != 0) {
      batch.setFrame(row, map.getLong(at + RingLayout.FRAME_AT));
    }
    if ((present & EventBatch.SIZE) != 0) {
      batch.setSize(row, map.getLong(at + RingLayout.SIZE_AT));
    }
    if ((present & EventBatch.STATUS) != 0) {
      batch.setStatus(row, map.getInt(at + RingLayout.STATUS_AT));
    }
  }

  private void readParticulars(int extra) {
    for (int i = 0; i < extra; i++) {
      map.get(at(position + 1 + i), particulars, i * RingLayout.SLOT_BYTES, RingLayout.SLOT_BYTES);
    }
  }

  private void fillParticulars(EventBatch batch, int row, int present, int extra) {
    ByteBuffer bytes = ByteBuffer.wrap(particulars).order(ByteOrder.nativeOrder());
    if ((present & EventBatch.PIN) != 0) {
      batch.setPin(row, bytes.getLong(RingLayout.PIN_AT));
    }
    if ((present & RingLayout.HAS_FRAMING) != 0) {
      int framing = RingLayout.FRAMING_AT;
      batch.setFraming(
          row,
          new Framing(
              bytes.getInt(framing),
              bytes.getInt(framing + 4),
              bytes.getInt(framing + 8),
              bytes.getInt(framing + 12),
              bytes.getInt(framing + 16),
              bytes.getInt(framing + 20)));
    }
    int textBytes = bytes.getInt(RingLayout.TEXT_BYTES_AT);
    int room = extra * RingLayout.SLOT_BYTES - RingLayout.PARTICULARS_BYTES;
    if ((present & RingLayout.HAS_DETAIL) != 0 && textBytes >= 0 && textBytes <= room) {
      batch.setDetail(
          row,
          new String(particulars, RingLayout.PARTICULARS_BYTES, textBytes, StandardCharsets.UTF_8));
    }
  }

  /** Forgets slots, so that what they held is not taken for published a lap later. */
  private void clear(int slots) {
    for (int i = 0; i < slots; i++) {
      LONGS.setRelease(map, at(position + i), 0L);
    }
    position += slots;
  }

  private int begin(EventBatch batch, int op, int layer, long time) {
    int row = batch.rows();
    batch.begin(row, nextSeq++, op, layer, time);
    return row;
  }

  /** Adds an events_lost row; a negative count is not known, and at least 1. */
  private void addLoss(EventBatch batch, long count, String cause, long time) {
    int row = begin(batch, Op.EVENTS_LOST.code(), Layer.NONE.code(), time);
    Detail.Builder detail = Detail.builder();
    if (count >= 0) {
      detail.put("count", count);
    }
    batch.setDetail(row, detail.put("cause", cause).build().toJson());
    batch.setRows(row + 1);
    lost += Math.max(count, 1);
  }
}
