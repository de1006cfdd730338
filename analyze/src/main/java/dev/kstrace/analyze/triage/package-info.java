/**
 * What to do about findings: which are new, which were known before, and which are suppressed.
 * Start with {@link dev.kstrace.analyze.triage.Triage}.
 */
@NullMarked
package dev.kstrace.analyze.triage;

import org.jspecify.annotations.NullMarked;
