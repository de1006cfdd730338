package dev.kstrace.replay;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Something that a target's surroundings noticed about a call, besides its result. Immutable.
 *
 * @param after index in its batch of the call in whose course it was noticed
 * @param kind what was noticed
 * @param tag pool tag; 0 = none
 * @param a particulars, such as a number of blocks; for {@link Kind#RETURNED} the call's number
 * @param b further particulars; for {@link Kind#RETURNED} the call's value
 * @param bytes for {@link Kind#RETURNED} usable bytes of the frame, -1 = unknown
 * @param status for {@link Kind#RETURNED} the NTSTATUS of an initialize
 * @param irql for {@link Kind#RETURNED} the IRQL at return
 * @param allocator number of the allocator that was called; {@link CallBatch#NONE} = unknown
 * @param text in words; empty for {@link Kind#RETURNED}
 */
record TargetNote(
    int after,
    Kind kind,
    int tag,
    long a,
    long b,
    long bytes,
    int status,
    int irql,
    int allocator,
    String text) {

  /** What can be noticed, in the order of {@code enum kst_note_kind}. */
  enum Kind {
    /** Pool that an allocator holds behind its delete, without a frame in it. */
    POOL_LEAK,
    /** Pool that an allocator holds behind its delete, with frames that nobody freed in it. */
    FRAME_MEMORY,
    /** A kernel routine called at an IRQL that forbids it. */
    WRONG_IRQL,
    /** Bytes around a pool block were written. */
    POOL_OVERRUN,
    /** A free of what is no live pool block, or under another tag. */
    BAD_POOL_FREE,
    /** A pool block was written after it was freed. */
    USE_AFTER_FREE,
    /** A lock that its caller holds already, does not hold, or still holds at return. */
    LOCK_MISUSE,
    /** An object used before it was initialized, and the like. */
    API_MISUSE,
    /** An assertion of the target's own failed. */
    ASSERTION,
    /** Somebody else wrote into a frame while it was out. */
    FRAME_DAMAGED,
    /** A call that had blocked returned. */
    RETURNED,
    /** How much pool of a tag is live; without a tag, how much of all there was at most. */
    POOL;

    private static final Kind[] ALL = values();

    private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The kind of a code, or null where this version has none. */
    static @Nullable Kind of(int code) {
      return code >= 1 && code <= ALL.length ? ALL[code - 1] : null;
    }

    /** The name in lower case, as traces have it. */
    String label() {
      return label;
    }
  }

  /** The tag as its four characters; empty where there is none. */
  String tagText() {
    if (tag == 0) {
      return "";
    }
    StringBuilder characters = new StringBuilder();
    for (int shift = 0; shift < 32; shift += 8) {
      char c = (char) (tag >>> shift & 0xFF);
      characters.append(c >= ' ' && c < 0x7F ? c : '.');
    }
    return characters.toString();
  }
}
