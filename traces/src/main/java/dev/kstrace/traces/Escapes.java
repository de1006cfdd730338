package dev.kstrace.traces;

/**
 * Backslash escapes that keep any string on one line of printable characters, so that a name in a
 * trace cannot move a cursor, break a line or hide what it says.
 */
public final class Escapes {
  private Escapes() {}

  /** Escapes backslashes, line ends, other control characters and bidirectional marks. */
  public static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        out.append("\\\\");
      } else if (c == '\n') {
        out.append("\\n");
      } else if (isHarmless(c, i == 0 || i == text.length() - 1)) {
        out.append(c);
      } else {
        out.append("\\u").append(String.format(java.util.Locale.ROOT, "%04x", (int) c));
      }
    }
    return out.toString();
  }

  /** A space at either end would be lost when a line is stripped. */
  private static boolean isHarmless(char c, boolean atEnd) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> !atEnd;
      case Character.SURROGATE, Character.UNASSIGNED, Character.PRIVATE_USE -> false;
      default -> true;
    };
  }

  /**
   * Undoes {@link #escape}.
   *
   * @throws IllegalArgumentException if a backslash begins no escape
   */
  public static String unescape(String text) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      if (++i == text.length()) {
        throw new IllegalArgumentException(
            "the line ends inside an escape, expected \\\\, \\n or \\uXXXX");
      }
      char kind = text.charAt(i);
      switch (kind) {
        case '\\' -> out.append('\\');
        case 'n' -> out.append('\n');
        case 'u' -> {
          out.append((char) unicode(text, i + 1));
          i += 4;
        }
        default ->
            throw new IllegalArgumentException(
                "unknown escape \\" + kind + ", expected \\\\, \\n or \\uXXXX");
      }
    }
    return out.toString();
  }

  private static int unicode(String text, int at) {
    if (at + 4 > text.length() || !text.substring(at, at + 4).matches("[0-9a-fA-F]{4}")) {
      throw new IllegalArgumentException("broken escape, expected \\u and four hexadecimal digits");
    }
    return Integer.parseInt(text.substring(at, at + 4), 16);
  }
}
