/**
 * The page that {@code kstrace report} writes: {@link dev.kstrace.cli.report.ReportPage} puts the
 * numbers of {@link dev.kstrace.cli.report.ReportJson} into the template beside it.
 */
@org.jspecify.annotations.NullMarked
package dev.kstrace.cli.report;
