/**
 * What a page about a trace shows, in numbers: {@link dev.kstrace.analyze.report.Overview} is made
 * by one pass and takes a fixed amount of room, however long the trace is.
 */
@org.jspecify.annotations.NullMarked
package dev.kstrace.analyze.report;
