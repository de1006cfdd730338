package dev.kstrace.replay;

import org.jspecify.annotations.Nullable;

/**
 * One event to which two targets answer differently. Immutable.
 *
 * @param seq recorded event's place in the total order, unsigned
 * @param op recorded event's operation code, see {@link dev.kstrace.traces.Op#of}
 * @param kind what differs
 * @param context recorded allocator context; null where the event has none
 * @param event recorded event as a line of the text form
 * @param first what the first target did, in words
 * @param second what the second one did
 */
public record TargetDifference(
    long seq,
    int op,
    DivergenceKind kind,
    @Nullable Long context,
    String event,
    String first,
    String second) {}
