/**
 * Recordings written down as source code: a test that makes the recorded calls and fails where the
 * allocator breaks its contract, without the tool and without the trace.
 *
 * <p>Start with {@link dev.kstrace.replay.reproducer.Reproducer}; what the tests check is in the
 * templates beside these classes, in {@code src/main/resources}.
 */
@NullMarked
package dev.kstrace.replay.reproducer;

import org.jspecify.annotations.NullMarked;
