package dev.kstrace.cli.text;

/** A curve as one line of characters. */
final class Sparkline {
  private static final String BLOCKS = "▁▂▃▄▅▆▇█";
  private static final String ASCII = "_.:-=+*#";

  private final String levels;

  /** Draws with block elements, or in ASCII. */
  Sparkline(boolean unicode) {
    levels = unicode ? BLOCKS : ASCII;
  }

  /**
   * The character of a number. Only 0 gets the lowest, and only the highest number the highest.
   *
   * @param number negative = nothing is there
   * @param highest the highest number of the curve
   */
  char of(int number, long highest) {
    if (number < 0) {
      return ' ';
    }
    if (number == 0 || highest <= 0) {
      return levels.charAt(0);
    }
    int top = levels.length() - 1;
    return levels.charAt(
        number >= highest ? top : Math.max(1, (int) ((long) number * top / highest)));
  }
}
