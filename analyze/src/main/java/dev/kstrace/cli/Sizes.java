package dev.kstrace.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts of memory as users type them. */
final class Sizes {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})([KMG]?)(I?B)?");

  private Sizes() {}

  /**
   * Bytes of a text such as {@code 64MB}; units are powers of 1024.
   *
   * @throws IllegalArgumentException if it is none
   */
  static long parse(String text) {
    Matcher matcher = SIZE.matcher(text.strip().toUpperCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "size=" + text + ", expected a number with kB, MB or GB, such as 64MB");
    }
    int shift = 10 * " KMG".indexOf(matcher.group(2).isEmpty() ? " " : matcher.group(2));
    return Long.parseLong(matcher.group(1)) << shift;
  }
}
