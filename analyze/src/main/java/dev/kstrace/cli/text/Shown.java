package dev.kstrace.cli.text;

import dev.kstrace.traces.Escapes;

/** What a trace says, in a form that can harm neither a page or terminal nor its reader. */
public final class Shown {
  private static final int NAME = 80;
  private static final int TEXT = 400;

  private Shown() {}

  /** A name: on one line, without marks that turn text round, not too long. */
  public static String name(String fromTrace) {
    return cut(fromTrace, NAME);
  }

  /** As {@link #name} with room for some sentences. */
  public static String text(String fromTrace) {
    return cut(fromTrace, TEXT);
  }

  private static String cut(String fromTrace, int most) {
    if (fromTrace.length() <= most) {
      return Escapes.escape(fromTrace);
    }
    int end = Character.isHighSurrogate(fromTrace.charAt(most - 1)) ? most - 1 : most;
    return Escapes.escape(fromTrace.substring(0, end)) + "\u2026";
  }
}
