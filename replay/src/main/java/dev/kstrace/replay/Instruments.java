package dev.kstrace.replay;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What watches or slows a run; null = nothing does. Immutable.
 *
 * @param answers collects what the target answers
 * @param clock ns; a distant target measures by itself, where it was asked to
 * @param pacer makes calls wait for their time
 */
record Instruments(@Nullable Answers answers, @Nullable LongSupplier clock, @Nullable Pacer pacer) {
  /** Whether nothing watches or slows it. */
  boolean areNone() {
    return answers == null && clock == null && pacer == null;
  }
}
