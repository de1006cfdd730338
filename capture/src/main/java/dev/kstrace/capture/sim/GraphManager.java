package dev.kstrace.capture.sim;

import dev.kstrace.traces.Framing;
import dev.kstrace.traces.KsFlags;
import dev.kstrace.traces.PoolType;

/**
 * Who connects pins and decides what allocator their pipe gets: reads what the pins require and
 * writes the create request. It is asked for connections in kernel mode only; frames of a kernel
 * allocator must not reach user mode (stream/avstream-allocators). Stateless.
 */
final class GraphManager {
  /** KSALLOCATOR_REQUIREMENTF_INPLACE_MODIFIER. Source: ddi/ks/ns-ks-ksallocator_framing. */
  static final int REQUIREMENTF_INPLACE_MODIFIER = 0x1;

  /** KSALLOCATOR_REQUIREMENTF_SYSTEM_MEMORY. Source: ddi/ks/ns-ks-ksallocator_framing. */
  static final int REQUIREMENTF_SYSTEM_MEMORY = 0x2;

  private GraphManager() {}

  /**
   * The framing of the create request for a connection: the requirements of both pins as options.
   * The larger count, size and alignment win; where either pin needs system memory the pool must
   * provide it, paged only if neither pin needs it resident.
   *
   * @param source what the pin that delivers answered
   * @param sink what the pin that receives answered; the allocator is opened on it
   * @param preferPaged whether a pin's preference for nonpaged memory is set aside, which
   *     PREFERENCES_ONLY allows
   */
  static Framing createFraming(Framing source, Framing sink, boolean preferPaged) {
    int requirements = source.optionsFlags() | sink.optionsFlags();
    boolean system = (requirements & REQUIREMENTF_SYSTEM_MEMORY) != 0;
    boolean bothPaged =
        PoolType.isPaged(source.poolType()) && PoolType.isPaged(sink.poolType());
    boolean onlyPreferred =
        (source.optionsFlags() & sink.optionsFlags() & KsFlags.REQUIREMENTF_PREFERENCES_ONLY) != 0;
    boolean paged = bothPaged || (preferPaged && onlyPreferred);
    return new Framing(
        system ? KsFlags.OPTIONF_SYSTEM_MEMORY : 0,
        paged ? PoolType.PAGED_POOL : PoolType.NON_PAGED_POOL,
        Math.max(source.frames(), sink.frames()),
        Math.max(source.frameSize(), sink.frameSize()),
        source.fileAlignment() | sink.fileAlignment(),
        0);
  }
}
