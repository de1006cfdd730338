/**
 * Re-drives any allocator through the calls of a recording and says where it behaves differently.
 *
 * <p>Start with {@link dev.kstrace.replay.ReplayEngine} (does it), {@link
 * dev.kstrace.replay.ReplayTarget} (what is driven; {@link dev.kstrace.replay.ReplayTargets} finds
 * one by name) and {@link dev.kstrace.replay.ReplayReport} (what came out).
 *
 * <p>A replay is a function of the recording and the target: no clock, no randomness, no thread.
 */
@NullMarked
package dev.kstrace.replay;

import org.jspecify.annotations.NullMarked;
