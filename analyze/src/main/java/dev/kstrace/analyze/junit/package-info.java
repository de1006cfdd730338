/**
 * Recording from test runs: a JUnit 5 extension, and assertions about a trace that need no JUnit.
 *
 * <p>Start with {@link dev.kstrace.analyze.junit.RecordTrace} and {@link
 * dev.kstrace.analyze.junit.TraceAssert}. Only the extension refers to JUnit's classes, which the
 * user's tests bring along.
 */
@NullMarked
package dev.kstrace.analyze.junit;

import org.jspecify.annotations.NullMarked;
