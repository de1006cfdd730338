package dev.kstrace.analyze;

import dev.kstrace.traces.Framing;
import dev.kstrace.traces.PoolType;
import org.jspecify.annotations.Nullable;

/** What a framing asks of frames, in a form that is quickly compared with a call. Immutable. */
final class FrameLimits {
  /** Of a framing that was not recorded. */
  private static final FrameLimits NONE = new FrameLimits(new Framing(0, 0, 0, 0, 0, 0));

  private final long oneTooMany;
  private final long bytes;
  private final long alignment;
  private final boolean pitched;
  private final boolean paged;

  private FrameLimits(Framing framing) {
    oneTooMany = framing.frameLimit() == 0 ? -1 : framing.frameLimit() + 1;
    bytes = framing.frameBytes();
    alignment = framing.hasAlignmentMask() ? Integer.toUnsignedLong(framing.fileAlignment()) : 0;
    pitched = framing.isTwoDimensional();
    paged = PoolType.isPaged(framing.poolType());
  }

  /** The limits of a framing; null = not recorded, so that there are none. */
  static FrameLimits of(@Nullable Framing framing) {
    return framing == null ? NONE : new FrameLimits(framing);
  }

  /** Whether so many live frames are one more than Frames allows. */
  boolean isCrossedBy(int live) {
    return live == oneTooMany;
  }

  /** Whether so many usable bytes, unsigned, are fewer than FrameSize. */
  boolean isAbove(long size) {
    return Long.compareUnsigned(size, bytes) < 0;
  }

  /** Whether an address violates the alignment mask, if there is one to judge by. */
  boolean isMisaligned(long address) {
    return (address & alignment) != 0;
  }

  /** Whether frames lie in paged pool. */
  boolean isPaged() {
    return paged;
  }

  /**
   * Bytes of a frame's range as far as they are known: its size, else FrameSize, else 0.
   *
   * @param size usable bytes, looked at where {@code known}
   */
  long rangeBytes(boolean known, long size) {
    if (pitched) {
      return 0; // a pitch hides where a frame ends
    }
    return known ? size : bytes;
  }
}
