package dev.kstrace.capture.sim;

import java.util.Set;

/**
 * How a simulation went. Immutable.
 *
 * @param events rows in the trace, {@code trace_end} included
 * @param lost events that the recorder could not keep
 * @param missed faults that were asked for and did not come about; empty in all but tiny runs
 */
public record SimResult(long events, long lost, Set<Fault> missed) {}
