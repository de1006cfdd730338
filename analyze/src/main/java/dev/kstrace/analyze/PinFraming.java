package dev.kstrace.analyze;

import dev.kstrace.traces.FramingEx;

/**
 * What a pin asks of its allocator, from one event on. Immutable.
 *
 * @param pin the instance
 * @param seq the pin event that recorded it
 * @param previousSeq the event that recorded the one before it; null = it is the first of the pin
 * @param framing the values
 */
record PinFraming(
    Pin pin, long seq, @org.jspecify.annotations.Nullable Long previousSeq, FramingEx framing) {}
