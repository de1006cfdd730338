package dev.kstrace.capture.sim;

import dev.kstrace.traces.Framing;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.PoolType;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An allocator that behaves as the one of ReactOS is described to: a lookaside list that trusts its
 * callers. It never enforces Frames nor alignment, takes back any address without a look, hands out
 * what came back last, and abandons frames at its delete. So a double free makes two later frames
 * one. Source: drivers/ksfilter/ks/allocators.c, as described in ks-reference section 6. Not
 * thread-safe.
 */
final class ReactosAllocator implements SimAllocator {
  private static final int CONTEXT_BYTES = 0x80;
  private static final int KNOWN_OPTIONS = 0xF;
  private static final int PAGE_MASK = SimulatedPool.PAGE_BYTES - 1;

  private final SimulatedPool nonPaged = new SimulatedPool(SimulatedPool.NON_PAGED_BASE);
  private final SimulatedPool paged = new SimulatedPool(SimulatedPool.PAGED_BASE);
  private final Map<Long, Lookaside> lists = new HashMap<>();

  /** One lookaside list; a pool type that it does not know leaves it without a pool. */
  private record Lookaside(@Nullable SimulatedPool pool, long frameBytes, LongStack list) {}

  @Override
  public int initialize(long pin, Framing framing, ContextOut context) {
    if (framing.frameSize() == 0
        || (framing.optionsFlags() & ~KNOWN_OPTIONS) != 0
        || Integer.compareUnsigned(framing.fileAlignment(), PAGE_MASK) > 0) {
      return NtStatus.INVALID_PARAMETER;
    }
    SimulatedPool pool =
        switch (framing.poolType()) {
          case PoolType.NON_PAGED_POOL -> nonPaged;
          case PoolType.PAGED_POOL -> paged;
          default -> null;
        };
    long address = nonPaged.allocate(CONTEXT_BYTES, 1);
    lists.put(address, new Lookaside(pool, framing.frameBytes(), new LongStack()));
    context.value = address;
    return NtStatus.SUCCESS;
  }

  @Override
  public void delete(long context) {
    Lookaside lookaside = lists.remove(context);
    if (lookaside != null) {
      if (lookaside.pool() != null) {
        while (!lookaside.list().isEmpty()) {
          lookaside.pool().free(lookaside.list().pop());
        }
      }
      nonPaged.free(context);
    }
  }

  @Override
  public long allocate(long context) {
    Lookaside lookaside = lists.get(context);
    if (lookaside == null || lookaside.pool() == null) {
      return 0;
    }
    return lookaside.list().isEmpty()
        ? lookaside.pool().allocate(lookaside.frameBytes(), 1)
        : lookaside.list().pop();
  }

  @Override
  public void free(long context, long frame) {
    Lookaside lookaside = lists.get(context);
    if (lookaside != null && frame != 0) {
      lookaside.list().push(frame);
    }
  }

  @Override
  public long usableBytes(long context, long frame) {
    Lookaside lookaside = lists.get(context);
    if (lookaside == null || lookaside.pool() == null) {
      return -1;
    }
    return lookaside.pool().usableBytes(frame);
  }

  @Override
  public Set<Fault> pendingFaults() {
    return Collections.emptySet();
  }
}
