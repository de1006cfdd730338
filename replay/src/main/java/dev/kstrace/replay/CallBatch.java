package dev.kstrace.replay;

import dev.kstrace.traces.Framing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Calls that a target makes one after the other without asking back, and what became of them.
 *
 * <p>A call names the allocator and the frame that it means by their numbers in the recording, not
 * by the target's values, which an earlier call of the same batch may be about to return. The
 * layout is that of {@code kst_abi.h}, section by section:
 *
 * <pre>
 *   call, 64 bytes                            note, 256 bytes
 *    0 op, irql u8; flags u16                   0 after u32; kind, length u16
 *    4 allocator, frame, thread u32             8 tag u32; irql_exit u8
 *   16 a: context, or pin of an initialize     16 a, b, bytes u64
 *   24 b: frame, or what is added to it        40 status, allocator u32
 *   32 time; then ns that the call took        48 text
 *   40 framing of an initialize, then:
 *      value, bytes u64; status u32;
 *      irql_exit, outcome u8; notes u16
 * </pre>
 *
 * <p>Not thread-safe.
 */
public final class CallBatch {
  /** Bytes of a call. */
  public static final int CALL_BYTES = 64;

  /** Bytes of a note. */
  public static final int NOTE_BYTES = 256;

  /** No allocator or frame: the value itself is in the call. */
  public static final int NONE = -1;

  /** Operation: InitializeAllocator. */
  public static final int INITIALIZE = 1;

  /** Operation: Allocate. */
  public static final int ALLOCATE = 2;

  /** Operation: Free. */
  public static final int FREE = 3;

  /** Operation: DeleteAllocator. */
  public static final int DELETE = 4;

  /** Operation: from now on the frame's number stands for the address in {@code b}. */
  public static final int BIND_FRAME = 8;

  /** Operation: from now on the allocator's number stands for the context in {@code a}. */
  public static final int BIND_ALLOCATOR = 9;

  /** Operation: the recording is over. */
  public static final int FINISH = 10;

  /** Operation: says how much pool is live. */
  public static final int TELL_POOL = 11;

  /** Flag: run nothing behind this call if it makes a frame or an allocator. */
  public static final int STOP_IF_MADE = 1;

  /** Flag: the frame's number stands for nothing yet. */
  public static final int FRESH = 2;

  /** Flag: a free that ends the frame's life. */
  public static final int ENDS = 4;

  /** Flag: what is bound exists. */
  public static final int BORN = 8;

  /** Flag: request number {@code flags >>> 8} for memory is refused. */
  public static final int FAIL = 16;

  /** Flag: at place number {@code flags >>> 8} the next call gets in. */
  public static final int YIELD = 32;

  /** Outcome: the call was made and returned. */
  public static final int DONE = 1;

  /** Outcome: not made, as its allocator or frame does not exist in the target. */
  public static final int SKIPPED = 2;

  /** Outcome: made, and waits for something; a note follows if it returns. */
  public static final int BLOCKED = 3;

  private static final int TEXT = 48;

  /** Longs of a call: fewer and wider accesses than one for each member. */
  private static final int LONGS = CALL_BYTES / Long.BYTES;

  private final LongBuffer calls;
  private final ByteBuffer notes;
  private int count;
  private int noteCount;
  private boolean stopped;
  private long base;

  /**
   * An empty batch.
   *
   * @param calls room for calls, from its first byte to its limit
   * @param notes room for notes, likewise
   */
  public CallBatch(ByteBuffer calls, ByteBuffer notes) {
    this.calls = calls.slice().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    this.notes = notes.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Forgets all calls; the number of the next one, counted over the whole replay, is given. */
  void begin(long firstNumber) {
    base = firstNumber;
    count = 0;
    noteCount = 0;
    stopped = false;
  }

  /** Number of the first call, counted over the whole replay. */
  public long base() {
    return base;
  }

  /** How many calls the batch holds. */
  public int count() {
    return count;
  }

  /** Whether a further call fits. */
  boolean hasRoom() {
    return (count + 1) * LONGS <= calls.capacity();
  }

  /**
   * Adds a call.
   *
   * @return its index
   */
  int add(
      int op, int flags, int allocator, int frame, int irql, int thread, long a, long b, long t) {
    int at = count * LONGS;
    calls.put(
        at,
        (op & 0xFFL)
            | (irql & 0xFFL) << 8
            | (flags & 0xFFFFL) << 16
            | Integer.toUnsignedLong(allocator) << 32);
    calls.put(at + 1, Integer.toUnsignedLong(frame) | Integer.toUnsignedLong(thread) << 32);
    calls.put(at + 2, a);
    calls.put(at + 3, b);
    calls.put(at + 4, t);
    calls.put(at + 7, 0);
    return count++;
  }

  /** Sets the framing of the initialize that was added last. */
  void setFraming(Framing framing) {
    int at = (count - 1) * LONGS + 5;
    calls.put(at, pair(framing.optionsFlags(), framing.poolType()));
    calls.put(at + 1, pair(framing.frames(), framing.frameSize()));
    calls.put(at + 2, pair(framing.fileAlignment(), framing.reserved()));
  }

  private static long pair(int low, int high) {
    return Integer.toUnsignedLong(low) | Integer.toUnsignedLong(high) << 32;
  }

  /** Says how many notes the target left. */
  public void setNotes(int left) {
    noteCount = Math.min(left, notes.capacity() / NOTE_BYTES);
  }

  /** Says that the target stopped behind the last call that it ran. */
  public void setStopped() {
    stopped = true;
  }

  /** Whether the target runs nothing more that was sent before this is known. */
  boolean isStopped() {
    return stopped;
  }

  /** One of {@link #DONE}, {@link #SKIPPED}, {@link #BLOCKED}. */
  int outcome(int call) {
    return (byte) (calls.get(call * LONGS + 7) >>> 40);
  }

  /** How many calls from the first one on have an outcome. */
  public int leadingOutcomes() {
    int done = 0;
    while (done < count && outcome(done) != 0) {
      done++;
    }
    return done;
  }

  /** The context made, the frame returned, or the frame freed. */
  long value(int call) {
    return calls.get(call * LONGS + 5);
  }

  /** Usable bytes of the frame returned; -1 = unknown. */
  long bytes(int call) {
    return calls.get(call * LONGS + 6);
  }

  /** NTSTATUS of an initialize. */
  int status(int call) {
    return (int) calls.get(call * LONGS + 7);
  }

  /** How long a call took in ns, where the target was asked to measure it. */
  long spentNs(int call) {
    return calls.get(call * LONGS + 4);
  }

  /** IRQL at return. */
  int irqlExit(int call) {
    return (byte) (calls.get(call * LONGS + 7) >>> 32);
  }

  /** The notes that the target left, in order. */
  List<TargetNote> notes() {
    if (noteCount == 0) {
      return List.of();
    }
    List<TargetNote> read = new ArrayList<>(noteCount);
    for (int i = 0; i < noteCount; i++) {
      TargetNote note = note(i * NOTE_BYTES);
      if (note != null) {
        read.add(note);
      }
    }
    return read;
  }

  private @Nullable TargetNote note(int at) {
    TargetNote.Kind kind = TargetNote.Kind.of(notes.getShort(at + 4));
    if (kind == null) {
      return null;
    }
    int length = Math.min(notes.getShort(at + 6) & 0xFFFF, NOTE_BYTES - TEXT);
    byte[] text = new byte[length];
    notes.get(at + TEXT, text);
    return new TargetNote(
        notes.getInt(at),
        kind,
        notes.getInt(at + 8),
        notes.getLong(at + 16),
        notes.getLong(at + 24),
        notes.getLong(at + 32),
        notes.getInt(at + 40),
        notes.get(at + 12),
        notes.getInt(at + 44),
        new String(text, StandardCharsets.UTF_8));
  }
}
