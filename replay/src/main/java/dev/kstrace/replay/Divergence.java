package dev.kstrace.replay;

import dev.kstrace.traces.Hex;
import dev.kstrace.traces.TraceText;
import org.jspecify.annotations.Nullable;

/**
 * One difference between the recorded allocator and the target. Immutable.
 *
 * @param seq recorded event's place in the total order, unsigned
 * @param op recorded event's operation code, see {@link dev.kstrace.traces.Op#of}
 * @param kind what differs
 * @param context recorded allocator context; null where the event has none
 * @param recorded what the recording has, in words
 * @param got what the target did, in words
 */
public record Divergence(
    long seq, int op, DivergenceKind kind, @Nullable Long context, String recorded, String got) {

  /** Whether allocate returned NULL where the recording has a frame. */
  public boolean isRefusal() {
    return kind == DivergenceKind.NULLNESS && !recorded.equals(Comparison.NULL);
  }

  /** The divergence in one line, such as {@code seq 7 allocate: recorded NULL, target ...}. */
  public String text() {
    return "seq "
        + Long.toUnsignedString(seq)
        + " "
        + TraceText.opLabel(op)
        + (context == null ? "" : " context=" + Hex.of(context))
        + ": recorded "
        + recorded
        + ", target "
        + got
        + " ("
        + kind.label()
        + ")";
  }
}
