/**
 * A simulated streaming device: something to record where no Windows machine is at hand, clean or
 * with faults injected on purpose.
 *
 * <p>Start with {@link dev.kstrace.capture.sim.SimulatedDevice} (records one), {@link
 * dev.kstrace.capture.sim.Profile} and {@link dev.kstrace.capture.sim.Fault} (what there is to
 * choose from) and {@link dev.kstrace.capture.sim.SimAllocators} (its allocators on their own).
 */
@NullMarked
package dev.kstrace.capture.sim;

import org.jspecify.annotations.NullMarked;
