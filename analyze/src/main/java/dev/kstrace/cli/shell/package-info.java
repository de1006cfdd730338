/**
 * The interactive shell of {@code kstrace query}: {@code Shell} is what it does, {@code
 * TerminalLines} the terminal that it does it on, the only class that knows JLine.
 */
@org.jspecify.annotations.NullMarked
package dev.kstrace.cli.shell;
