/**
 * The smallest trace that still shows a finding, a divergence, a crash or a failing command.
 *
 * <p>Start with {@link dev.kstrace.analyze.minimize.Minimizer}; what counts as "still shows" is a
 * {@link dev.kstrace.analyze.minimize.Trial}.
 */
@NullMarked
package dev.kstrace.analyze.minimize;

import org.jspecify.annotations.NullMarked;
