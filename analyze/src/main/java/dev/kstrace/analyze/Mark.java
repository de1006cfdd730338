package dev.kstrace.analyze;

import org.jspecify.annotations.Nullable;

/**
 * What a recorded program said was going on from some event on: a test, a phase of it. Immutable.
 *
 * @param seq the event, unsigned
 * @param text the phase; null = not said
 * @param test the test, from the mark's key {@code test}; null = not said
 */
public record Mark(long seq, @Nullable String text, @Nullable String test) {
  private static final int LONGEST = 120;

  /** Test and phase in one line of bounded length, as the trace has them: not yet escaped. */
  public String label() {
    String phase = text == null ? "a mark without text" : text;
    String label = test == null || test.equals(text) ? phase : test + ": " + phase;
    return label.length() <= LONGEST ? label : label.substring(0, LONGEST) + "...";
  }
}
