package dev.kstrace.capture.run;

import dev.kstrace.traces.EventBatch;

/**
 * Offsets and constants of the shared ring, version 1: the Java side of {@code kstrace_ring.h},
 * with which a test compares them.
 *
 * <pre>
 *   0     header, 4096 bytes
 *   4096  capacity slots of 64 bytes
 * </pre>
 */
final class RingLayout {
  static final long MAGIC = 0x474E495254534B00L;
  static final int VERSION = 1;
  static final int HEADER_BYTES = 4096;
  static final int SLOT_BYTES = 64;
  static final int LEAST_CAPACITY = 1024;

  // The header.
  static final int MAGIC_AT = 0;
  static final int VERSION_AT = 8;
  static final int HEADER_BYTES_AT = 12;
  static final int SLOT_BYTES_AT = 16;
  static final int CAPACITY_AT = 20;
  static final int BLOCK_WHEN_FULL_AT = 24;
  static final int WORD_AT = 64;
  static final int SPILLED_AT = 72;
  static final int RELEASED_AT = 128;
  static final int ATTACHED_AT = 192;
  static final int DETACHED_AT = 196;
  static final int DUMPS_AT = 232;

  // The word: next position, losses that no event accounts for yet, closed.
  static final long CLOSED_BIT = 1;
  static final int LOSS_SHIFT = 1;
  static final int POSITION_SHIFT = 22;
  static final long MOST_LOSSES = (1L << (POSITION_SHIFT - LOSS_SHIFT)) - 1;

  // A slot that holds an event.
  static final int STATE_AT = 0;
  static final int T_ENTRY_AT = 8;
  static final int T_EXIT_AT = 16;
  static final int CONTEXT_AT = 24;
  static final int FRAME_AT = 32;
  static final int SIZE_AT = 40;
  static final int THREAD_AT = 48;
  static final int STATUS_AT = 52;
  static final int OP_AT = 56;
  static final int LAYER_AT = 57;
  static final int IRQL_ENTRY_AT = 58;
  static final int IRQL_EXIT_AT = 59;
  static final int PRESENT_AT = 60;
  static final int EXTRA_AT = 62;

  // The slots behind it, taken together.
  static final int PIN_AT = 0;
  static final int FRAMING_AT = 8;
  static final int TEXT_BYTES_AT = 32;
  static final int PARTICULARS_BYTES = 36;

  // Low half of a slot's state.
  static final int ENTERED = 1;
  static final int DONE = 2;
  static final int RETURNING = 3;

  // Bits of a slot's present field beyond those of EventBatch, which have the same values.
  static final int HAS_FRAMING = EventBatch.STATUS << 1;
  static final int HAS_DETAIL = EventBatch.STATUS << 2;

  private RingLayout() {}

  /**
   * The state of a published slot: its position stands in it, so no leftover is mistaken for it.
   */
  static long state(long position, int stage) {
    return ((position ^ 0x4B535452L) << 32) | stage;
  }
}
