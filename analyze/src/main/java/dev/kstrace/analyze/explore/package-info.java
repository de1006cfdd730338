/**
 * Replays other legal orders of a recording and says which of them break something: needs replay
 * and rules.
 *
 * <p>Start with {@link dev.kstrace.analyze.explore.Explorer}.
 */
@NullMarked
package dev.kstrace.analyze.explore;

import org.jspecify.annotations.NullMarked;
