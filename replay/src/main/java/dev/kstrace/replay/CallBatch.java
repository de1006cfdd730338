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
 *   record, 32 bytes                            note, 256 bytes
 *    0 op, irql u8; flags u16                     0 after u32; kind, length u16
 *      then outcome, irql_exit u8                 8 tag u32; irql_exit u8
 *    4 allocator u32; then status                16 a, b, bytes u64
 *    8 frame, thread u32; then value u64         40 status, allocator u32
 *   16 time u64; then bytes                      48 text
 *   24 b: frame, or what is added to it; then ns that the call took
 *
 *   what a wide call has behind it, 32 bytes
 *    0 a: context, or pin of an initialize; 8 framing of an initialize
 * </pre>
 *
 * <p>Not thread-safe.
 */
public final class CallBatch {
  /** Bytes of a record; a call has one, a wide one two. */
  public static final int CALL_BYTES = 32;

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

  /** Operation: from now on the allocator's number stands for the context in {@code b}. */
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

  /** Flag: the record behind this one belongs to the call. */
  static final int WIDE = 64;

  /** Outcome: the call was made and returned. */
  public static final int DONE = 0x81;

  /** Outcome: not made, as its allocator or frame does not exist in the target. */
  public static final int SKIPPED = 0x82;

  /** Outcome: made, and waits for something; a note follows if it returns. */
  public static final int BLOCKED = 0x83;

  /** In place of the operation: what is less is none. */
  private static final int LEAST_OUTCOME = 0x80;

  private static final int TEXT = 48;

  /** Longs of a record: fewer and wider accesses than one for each member. */
  private static final int LONGS = CALL_BYTES / Long.BYTES;

  private final LongBuffer shared;

  /** The records on this side: whole arrays travel faster than single longs. */
  private final long[] calls;

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
    this.shared = calls.slice().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    this.calls = new long[shared.capacity()];
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

  /** How many records the batch holds. */
  public int count() {
    return count;
  }

  /** Whether any further call fits. */
  boolean hasRoom() {
    return (count + 2) * LONGS <= calls.length;
  }

  /**
   * Adds a call.
   *
   * @param b bytes to add to what the frame's number stands for; or what a number is to stand for
   * @return its index
   */
  int add(int op, int flags, int allocator, int frame, int irql, int thread, long b, long t) {
    int at = count * LONGS;
    calls[at] = pair((op & 0xFF) | (irql & 0xFF) << 8 | flags << 16, allocator);
    calls[at + 1] = pair(frame, thread);
    calls[at + 2] = t;
    calls[at + 3] = b;
    return count++;
  }

  /**
   * Adds a call that needs more than others: an initialize, or one whose allocator has no number.
   *
   * @param a the pin of an initialize, else the context
   * @param framing what an initialize asks for; null for other calls
   * @return its index
   */
  int addWide(
      int op,
      int flags,
      int allocator,
      int irql,
      int thread,
      long a,
      long b,
      long t,
      @Nullable Framing framing) {
    int call = add(op, flags | WIDE, allocator, NONE, irql, thread, b, t);
    int at = count++ * LONGS;
    calls[at] = a;
    if (framing != null) {
      calls[at + 1] = pair(framing.optionsFlags(), framing.poolType());
      calls[at + 2] = pair(framing.frames(), framing.frameSize());
      calls[at + 3] = pair(framing.fileAlignment(), framing.reserved());
    }
    return call;
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

  /** Hands the records over. */
  void send() {
    shared.put(0, calls, 0, count * LONGS);
  }

  /** Takes over what became of them. */
  void receive() {
    shared.get(0, calls, 0, count * LONGS);
  }

  /** One of {@link #DONE}, {@link #SKIPPED}, {@link #BLOCKED}; 0 = the call was not run. */
  int outcome(int call) {
    int first = (int) calls[call * LONGS] & 0xFF;
    return first >= LEAST_OUTCOME ? first : 0;
  }

  /** How many records from the first one on belong to calls with an outcome. */
  public int leadingOutcomes() {
    int done = 0;
    receive();
    while (done < count && outcome(done) != 0) {
      done += (calls[done * LONGS] >>> 16 & WIDE) != 0 ? 2 : 1;
    }
    return done;
  }

  /** The context made, the frame returned, or the frame freed. */
  long value(int call) {
    return calls[call * LONGS + 1];
  }

  /** Usable bytes of the frame returned; -1 = unknown. */
  long bytes(int call) {
    return calls[call * LONGS + 2];
  }

  /** NTSTATUS of an initialize. */
  int status(int call) {
    return (int) (calls[call * LONGS] >>> 32);
  }

  /** How long a call took in ns, where the target was asked to measure it. */
  long spentNs(int call) {
    return calls[call * LONGS + 3];
  }

  /** IRQL at return. */
  int irqlExit(int call) {
    return (byte) (calls[call * LONGS] >>> 8);
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
