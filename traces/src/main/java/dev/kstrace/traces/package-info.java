/**
 * The trace format: what one observed event is, how it is stored, and the words of kernel streaming
 * that the rest of the tool prints.
 *
 * <p>Start with {@link dev.kstrace.traces.TraceEvent} (one event, for people), {@link
 * dev.kstrace.traces.EventBatch} (many events, for speed), {@link dev.kstrace.traces.TraceReader}
 * and {@link dev.kstrace.traces.TraceWriter}.
 */
@NullMarked
package dev.kstrace.traces;

import org.jspecify.annotations.NullMarked;
