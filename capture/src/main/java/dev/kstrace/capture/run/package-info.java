/**
 * Recording of other processes: a file-backed ring that C programs write into, and its consumer.
 *
 * <p>Start with {@link dev.kstrace.capture.run.RunRecording}; the layout of the ring is drawn in
 * {@code docs/ring-transport.md} and lives in {@code kstrace_ring.h}.
 */
@NullMarked
package dev.kstrace.capture.run;

import org.jspecify.annotations.NullMarked;
