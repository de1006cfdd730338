/**
 * The formats in which verdicts leave the tool. Start with {@link
 * dev.kstrace.cli.findings.FindingsFormat}.
 */
@NullMarked
package dev.kstrace.cli.findings;

import org.jspecify.annotations.NullMarked;
