/** Traces in the formats of other tools; begin with {@code Exporter}. */
@org.jspecify.annotations.NullMarked
package dev.kstrace.cli.export;
