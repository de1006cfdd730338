/**
 * The command line. Start with {@link dev.kstrace.cli.Main} (how a run begins and ends), {@link
 * dev.kstrace.cli.Commands} (the list of commands) and {@link dev.kstrace.cli.Failure} (messages
 * and exit codes).
 */
@NullMarked
package dev.kstrace.cli;

import org.jspecify.annotations.NullMarked;
