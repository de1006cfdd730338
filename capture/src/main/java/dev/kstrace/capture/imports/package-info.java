/**
 * What all importers of real recordings share: the events of the probe, their way into a trace, and
 * the account of what is missing.
 *
 * <p>Start with {@link dev.kstrace.capture.imports.KsAllocTraceSchema} (what the probe writes),
 * {@link dev.kstrace.capture.imports.ProbeImport} (how it becomes a trace) and {@link
 * dev.kstrace.capture.imports.LossLedger} (what is missing).
 */
@NullMarked
package dev.kstrace.capture.imports;

import org.jspecify.annotations.NullMarked;
