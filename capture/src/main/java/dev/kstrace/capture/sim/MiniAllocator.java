package dev.kstrace.capture.sim;

import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Irql;
import dev.kstrace.traces.LongIntMap;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.PoolType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The minidriver's allocator: one context for each initialize, frames from pool or slab, and the
 * faults it was asked for. Calls with contexts or frames that it does not know change nothing. Not
 * thread-safe.
 */
final class MiniAllocator implements SimAllocator {
  private static final int CONTEXT_BYTES = 0x60;
  private static final int REFUSE_ONE_ALLOCATE_IN = 400;
  private static final int REFUSE_ONE_INITIALIZE_IN = 24;
  private static final int INITIALIZES_NEVER_REFUSED = 4;
  private static final long MOST_ALIGNMENT = 1 << 20;

  private final boolean slab;
  private final boolean refuses;
  private final long seed;
  private final CalleeFaults faults;
  private final IrqlControl irql;
  private final SimulatedPool nonPaged = new SimulatedPool(SimulatedPool.NON_PAGED_BASE);
  private final SimulatedPool paged = new SimulatedPool(SimulatedPool.PAGED_BASE);
  private final SimulatedPool commonBuffers = new SimulatedPool(SimulatedPool.COMMON_BUFFER_BASE);
  private final LongIntMap contexts = new LongIntMap();

  /** Allocators that were called, each at a place that its context says; null = none yet. */
  private final @Nullable Allocator[] recent = new @Nullable Allocator[16];

  /** By the number of their context; null = deleted. */
  private final List<@Nullable Allocator> allocators = new ArrayList<>();

  private long initializes;
  private long allocates;

  private static final class Allocator {
    final long context;
    final FrameMemory memory;
    final long frameBytes;
    final long alignment;
    final FramesOut out = new FramesOut();

    /** A frame with room behind it for one that overlaps it; 0 = none. */
    long roomy;

    Allocator(long context, FrameMemory memory, long frameBytes, long alignment) {
      this.context = context;
      this.memory = memory;
      this.frameBytes = frameBytes;
      this.alignment = alignment;
    }

    /** Frames that overlap keep their alignment, so they are at least so far apart. */
    long overlapStep() {
      return Math.max(alignment, SimulatedPool.GRANULE_BYTES);
    }
  }

  /**
   * An allocator in its initial state.
   *
   * @param slab whether frames are cut out of common buffers
   * @param refuses whether a few calls fail for want of memory, which is legal
   */
  MiniAllocator(boolean slab, boolean refuses, Set<Fault> faults, long seed, IrqlControl irql) {
    this.slab = slab;
    this.refuses = refuses;
    this.seed = seed;
    this.faults = new CalleeFaults(faults, seed);
    this.irql = irql;
  }

  @Override
  public int initialize(long pin, Framing framing, ContextOut context) {
    initializes++;
    if (refuses
        && initializes > INITIALIZES_NEVER_REFUSED
        && chance(initializes, 1, REFUSE_ONE_INITIALIZE_IN)) {
      return NtStatus.INSUFFICIENT_RESOURCES;
    }
    long frameBytes = framing.frameBytes() == 0 ? SimulatedPool.PAGE_BYTES : framing.frameBytes();
    long alignment = alignment(framing);
    long address = nonPaged.allocate(CONTEXT_BYTES, 1);
    FrameMemory memory = memory(framing, frameBytes, alignment);
    put(address, new Allocator(address, memory, frameBytes, alignment));
    context.value = address;
    if (faults.isDue(Fault.INITIALIZE_PENDING, initializes)) {
      faults.committed(Fault.INITIALIZE_PENDING);
      return NtStatus.PENDING;
    }
    return NtStatus.SUCCESS;
  }

  private @Nullable Allocator find(long context) {
    Allocator here = recent[place(context)];
    return here != null && here.context == context ? here : lookUp(context);
  }

  /**
   * Contexts are so many granules apart that as many neighbours as there are places have each one.
   */
  private int place(long context) {
    return (int) (context / SimulatedPool.GRANULE_BYTES) & (recent.length - 1);
  }

  private @Nullable Allocator lookUp(long context) {
    int number = contexts.get(context);
    Allocator found = number == LongIntMap.ABSENT ? null : allocators.get(number);
    if (found != null) {
      recent[place(context)] = found;
    }
    return found;
  }

  private void put(long context, @Nullable Allocator allocator) {
    recent[place(context)] = allocator;
    int number = contexts.get(context);
    if (number == LongIntMap.ABSENT) {
      contexts.put(context, allocators.size());
      allocators.add(allocator);
    } else {
      allocators.set(number, allocator);
    }
  }

  private FrameMemory memory(Framing framing, long frameBytes, long alignment) {
    if (slab) {
      long slots = framing.frameLimit() == 0 ? 4 : framing.frameLimit();
      return new SlabFrames(commonBuffers, frameBytes, alignment, slots);
    }
    SimulatedPool pool = PoolType.isPaged(framing.poolType()) ? paged : nonPaged;
    return new PoolFrames(pool, frameBytes, alignment);
  }

  /** An alignment that satisfies the mask, also where the mask is none: as a size rounded up. */
  private static long alignment(Framing framing) {
    if (framing.isTwoDimensional()) {
      return 1;
    }
    long wanted = Integer.toUnsignedLong(framing.fileAlignment()) + 1;
    long power = Long.highestOneBit(wanted);
    return Math.min(power == wanted ? power : 2 * power, MOST_ALIGNMENT);
  }

  @Override
  public void delete(long context) {
    Allocator allocator = find(context);
    if (allocator != null) {
      put(context, null);
      allocator.memory.release(!allocator.out.isEmpty());
      nonPaged.free(context);
    }
  }

  @Override
  public long allocate(long context) {
    Allocator allocator = find(context);
    if (allocator == null) {
      return 0;
    }
    allocates++;
    if (refuses && chance(allocates, 2, REFUSE_ONE_ALLOCATE_IN)) {
      return 0;
    }
    long faulty = faults.hasPending() ? faulty(allocator) : 0;
    if (faulty != 0) {
      return faulty;
    }
    long frame = allocator.memory.take();
    int number = allocator.memory.number();
    allocator.out.put(frame, number, allocator.memory.usableBytes(number));
    return frame;
  }

  @Override
  public void free(long context, long frame) {
    Allocator allocator = find(context);
    if (allocator == null) {
      return;
    }
    int block = allocator.out.remove(frame);
    if (block == FramesOut.NOT_OUT) {
      return;
    }
    if (frame == allocator.roomy) {
      allocator.roomy = 0;
    }
    if (block != FramesOut.NEVER_AGAIN) {
      allocator.memory.give(block);
    }
  }

  @Override
  public long usableBytes(long context, long frame) {
    Allocator allocator = find(context);
    return allocator == null ? -1 : allocator.out.usableBytes(frame);
  }

  @Override
  public Set<Fault> pendingFaults() {
    return faults.pending();
  }

  private boolean chance(long call, long purpose, int oneIn) {
    long scattered = SplitMix.mix(SplitMix.mix(seed + purpose) ^ call);
    return Long.remainderUnsigned(scattered, oneIn) == 0;
  }

  /** The frame of the first fault that is due and can be shown here, or 0 for an ordinary one. */
  private long faulty(Allocator allocator) {
    if (faults.isDue(Fault.RETURN_LIVE_ADDRESS, allocates) && !allocator.out.isEmpty()) {
      faults.committed(Fault.RETURN_LIVE_ADDRESS);
      return allocator.out.newest();
    }
    if (faults.isDue(Fault.OVERLAP_SLOTS, allocates)
        && allocator.frameBytes > allocator.overlapStep()) {
      return allocator.roomy == 0 ? roomy(allocator) : overlapping(allocator);
    }
    if (faults.isDue(Fault.ALLOCATE_SHORT, allocates)) {
      faults.committed(Fault.ALLOCATE_SHORT);
      long frame = allocator.memory.take();
      allocator.out.put(frame, allocator.memory.number(), allocator.frameBytes / 2);
      return frame;
    }
    if (faults.isDue(Fault.MISALIGN, allocates) && allocator.alignment > 1) {
      faults.committed(Fault.MISALIGN);
      return misaligned(allocator);
    }
    if (faults.isDue(Fault.RETURN_AT_RAISED_IRQL, allocates)) {
      faults.committed(Fault.RETURN_AT_RAISED_IRQL);
      irql.setIrql(Math.min(irql.irql() + 1, Irql.HIGH_LEVEL));
    }
    return 0;
  }

  private long misaligned(Allocator allocator) {
    long offset = Math.min(SimulatedPool.GRANULE_BYTES, allocator.alignment / 2);
    long block =
        allocator.memory.takeBlock(allocator.frameBytes + allocator.alignment, allocator.alignment);
    long frame = block + offset;
    int number = allocator.memory.number();
    allocator.out.put(frame, number, allocator.memory.usableBytes(number) - offset);
    return frame;
  }

  private static long roomy(Allocator allocator) {
    long room = SimulatedPool.roundUp(allocator.frameBytes, SimulatedPool.PAGE_BYTES);
    long frame = allocator.memory.takeBlock(3 * room, allocator.alignment);
    allocator.out.put(frame, allocator.memory.number(), allocator.frameBytes);
    allocator.roomy = frame;
    return frame;
  }

  private long overlapping(Allocator allocator) {
    faults.committed(Fault.OVERLAP_SLOTS);
    long first = allocator.roomy;
    long frame = first + SimulatedPool.roundUp(allocator.frameBytes / 2, allocator.overlapStep());
    allocator.out.put(first, FramesOut.NEVER_AGAIN, allocator.frameBytes);
    allocator.out.put(frame, FramesOut.NEVER_AGAIN, allocator.frameBytes);
    allocator.roomy = 0;
    return frame;
  }
}
