/**
 * {@code kstrace replay --interactive}: {@code Stepper} is what it does, {@code Breaks} where it
 * stops.
 */
@org.jspecify.annotations.NullMarked
package dev.kstrace.cli.step;
