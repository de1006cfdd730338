/**
 * Text traces of the Linux kernel: the buffer allocator of its streaming devices (videobuf2).
 *
 * <p>Start with {@link dev.kstrace.capture.ftrace.FtraceImport}.
 */
@NullMarked
package dev.kstrace.capture.ftrace;

import org.jspecify.annotations.NullMarked;
