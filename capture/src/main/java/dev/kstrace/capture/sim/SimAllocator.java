package dev.kstrace.capture.sim;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.capture.FrameSizer;
import java.util.Set;

/**
 * An allocator of the simulated device. It answers by the calls it got and its seed alone, so the
 * same calls give the same answers; wrong calls do no harm and throw nothing. Not thread-safe.
 */
public interface SimAllocator extends AllocatorDispatch, FrameSizer {
  /** The faults asked for that have not shown yet. */
  Set<Fault> pendingFaults();
}
