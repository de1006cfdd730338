package dev.kstrace.replay;

import dev.kstrace.traces.Framing;
import org.jspecify.annotations.Nullable;

/**
 * How a replay went for one allocator of the recording. Immutable.
 *
 * @param seq place of its initialize, unsigned
 * @param pin recorded pin; null = unknown
 * @param context recorded context
 * @param framing what it was asked for; null = not recorded
 * @param calls callback-layer calls that the target returned from
 * @param differing how many of them differ in something that callers may rely on
 * @param leftOut calls not made since the allocator or the frame does not exist in the target
 */
public record AllocatorSummary(
    long seq,
    @Nullable Long pin,
    long context,
    @Nullable Framing framing,
    long calls,
    long differing,
    long leftOut) {}
