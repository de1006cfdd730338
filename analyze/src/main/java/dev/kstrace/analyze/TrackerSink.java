package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import org.jspecify.annotations.Nullable;

/**
 * Where the tracker's facts go. Every method has an empty default, so that a sink names what it
 * wants; arguments are reused by the caller.
 */
interface TrackerSink {
  /** One call, in file order, among the others. */
  default void call(CallFacts call) {}

  /**
   * Whether {@link #call} is to be spared the calls of which there is nothing to say, see {@link
   * OrdinaryCalls}.
   */
  default boolean sparesOrdinary() {
    return false;
  }

  /**
   * An allocate that {@link #call} was spared: it has returned with a frame of a live allocator.
   */
  default void allocated(EventBatch batch, int row, Allocator allocator) {}

  /** A free that {@link #call} was spared, of a frame of a live allocator. */
  default void freed(FrameTable frames, int slot, Allocator allocator, EventBatch batch, int row) {
    frame(frames, slot, allocator, batch, row);
  }

  /**
   * A frame that was freed, or that is not going to be.
   *
   * @param free the batch with the call that freed it; null = none did
   * @param row the row of that call
   */
  default void frame(
      FrameTable frames, int slot, Allocator allocator, @Nullable EventBatch free, int row) {}

  /** A pin_state. */
  default void pinState(EventBatch batch, int row, PinStep step) {}

  /**
   * The end of a pin instance.
   *
   * @param open how many others are open
   */
  default void pinClosed(Pin pin, int open) {}

  /** A mark. */
  default void mark(EventBatch batch, int row, @Nullable String text) {}

  /**
   * Lost events.
   *
   * @param seq the events_lost row, or the first event behind a hole in seq
   * @param count how many; null = unknown
   * @param cause as the producer says, or "hole in seq"
   */
  default void loss(long seq, long time, @Nullable Long count, String cause) {}

  /**
   * A row that breaks the order.
   *
   * @param previousSeq the row before where {@code seq} does not increase; null where the row
   *     returned before it was entered
   */
  default void disorder(EventBatch batch, int row, @Nullable Long previousSeq) {}

  /**
   * A pin_state with what was known before it.
   *
   * @param pin the pin instance; null where the row names no pin
   * @param previousTo state after the step before; null = unknown
   * @param previousFrom state before the step before; null = unknown
   * @param doubt whether events were lost since the step before
   */
  record PinStep(
      @Nullable Pin pin,
      @Nullable Long from,
      @Nullable Long to,
      @Nullable Long periodNs,
      @Nullable Long previousTo,
      @Nullable Long previousFrom,
      boolean doubt) {}
}
