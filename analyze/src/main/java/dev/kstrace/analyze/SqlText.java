package dev.kstrace.analyze;

/**
 * What a statement says outside of its texts, quoted names and comments. Knows these, dollar
 * quotes, and nothing else of the language.
 */
final class SqlText {
  private SqlText() {}

  /** The statement with blanks for all that is quoted or a comment; lines keep their places. */
  static String code(String sql) {
    StringBuilder code = new StringBuilder(sql);
    int at = 0;
    while (at < sql.length()) {
      int end = Math.min(opaqueEnd(sql, at), sql.length());
      for (int i = at; i < end; i++) {
        code.setCharAt(i, sql.charAt(i) == '\n' ? '\n' : ' ');
      }
      at = Math.max(end, at + 1);
    }
    return code.toString();
  }

  /** The line of a place in a text, from 1. */
  static int line(String text, int offset) {
    return 1 + Math.toIntExact(text.substring(0, offset).chars().filter(c -> c == '\n').count());
  }

  /**
   * The end of the text, name or comment that begins at a place, or that place where none does;
   * beyond the end of the SQL where it is not closed.
   */
  static int opaqueEnd(String sql, int at) {
    char c = sql.charAt(at);
    if (c == '\'') {
      boolean escapes = at > 0 && (sql.charAt(at - 1) | 0x20) == 'e' && !isWordPart(sql, at - 2);
      return quotedEnd(sql, at, '\'', escapes);
    }
    if (c == '"') {
      return quotedEnd(sql, at, '"', false);
    }
    if (sql.startsWith("--", at)) {
      int end = sql.indexOf('\n', at);
      return end < 0 ? sql.length() : end;
    }
    if (sql.startsWith("/*", at)) {
      int end = sql.indexOf("*/", at + 2);
      return end < 0 ? sql.length() + 1 : end + 2;
    }
    if (c == '$' && !isWordPart(sql, at - 1)) {
      int tagEnd = wordEnd(sql, at + 1);
      if (tagEnd < sql.length() && sql.charAt(tagEnd) == '$') {
        String tag = sql.substring(at, tagEnd + 1);
        int end = sql.indexOf(tag, tagEnd + 1);
        return end < 0 ? sql.length() + 1 : end + tag.length();
      }
    }
    return at;
  }

  private static int quotedEnd(String sql, int at, char quote, boolean escapes) {
    int i = at + 1;
    while (i < sql.length()) {
      char c = sql.charAt(i);
      if (c == '\\' && escapes) {
        i++;
      } else if (c == quote) {
        if (i + 1 >= sql.length() || sql.charAt(i + 1) != quote) {
          return i + 1;
        }
        i++;
      }
      i++;
    }
    return sql.length() + 1;
  }

  static int wordEnd(String sql, int from) {
    int at = from;
    while (isWordPart(sql, at)) {
      at++;
    }
    return at;
  }

  static boolean isWordPart(String sql, int at) {
    return at >= 0
        && at < sql.length()
        && (Character.isLetterOrDigit(sql.charAt(at)) || sql.charAt(at) == '_');
  }
}
