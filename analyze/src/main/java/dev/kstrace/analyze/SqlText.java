package dev.kstrace.analyze;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a statement says outside of its strings, quoted names and comments. */
final class SqlText {
  private static final Pattern OPAQUE =
      Pattern.compile(
          "'(?:[^']|'')*'?|\"(?:[^\"]|\"\")*\"?|--[^\\n]*|/\\*.*?(?:\\*/|$)"
              + "|\\$(\\w*)\\$.*?(?:\\$\\1\\$|$)",
          Pattern.DOTALL);

  private SqlText() {}

  /** The statement with blanks for all that is quoted or a comment; lines keep their places. */
  static String code(String sql) {
    Matcher opaque = OPAQUE.matcher(sql);
    StringBuilder code = new StringBuilder();
    while (opaque.find()) {
      String blanks = opaque.group().replaceAll("[^\\n]", " ");
      opaque.appendReplacement(code, Matcher.quoteReplacement(blanks));
    }
    return opaque.appendTail(code).toString();
  }

  /** The line of a place in a text, from 1. */
  static int line(String text, int offset) {
    return 1 + Math.toIntExact(text.substring(0, offset).chars().filter(c -> c == '\n').count());
  }
}
