/**
 * Recording of allocator calls: the four callbacks as an interface, and the recorder around them.
 *
 * <p>Start with {@link dev.kstrace.capture.AllocatorDispatch} (what is recorded) and {@link
 * dev.kstrace.capture.TraceRecorder} (what records it).
 */
@NullMarked
package dev.kstrace.capture;

import org.jspecify.annotations.NullMarked;
