/**
 * Targets written in C: the user's own allocator, in a process of its own.
 *
 * <p>Start with {@link dev.kstrace.replay.host.HostTarget} (the process and its shared file),
 * {@link dev.kstrace.replay.host.HostProgram} (the host, built with the user's compiler) and {@link
 * dev.kstrace.replay.host.TargetBuild} (a driver's sources made into a target). The C side is in
 * {@code src/main/c}; {@code kst_abi.h} says what both agree on.
 */
@NullMarked
package dev.kstrace.replay.host;

import org.jspecify.annotations.NullMarked;
