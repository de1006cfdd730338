/** The rows of a query in the formats of the command line; begin with {@code ResultFormat}. */
@org.jspecify.annotations.NullMarked
package dev.kstrace.cli.result;
