package dev.kstrace.analyze;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Cuts SQL into its words, numbers, texts and signs. Written for the first moment of a process,
 * when nothing is compiled yet: each character is looked at once.
 */
final class SqlTokens {
  private static final String OPERATORS = "+-*/<>=~!@#%^&|`?";

  /** Words that order a statement. Behind AS or a point they would be mere names. */
  private static final Set<String> ORDERING =
      Set.of(
          "and",
          "as",
          "between",
          "case",
          "cross",
          "distinct",
          "end",
          "except",
          "false",
          "from",
          "group",
          "having",
          "in",
          "inner",
          "intersect",
          "is",
          "join",
          "left",
          "limit",
          "not",
          "null",
          "offset",
          "on",
          "or",
          "order",
          "qualify",
          "select",
          "true",
          "union",
          "using",
          "where",
          "window",
          "with");

  /** What a token is. */
  enum Kind {
    WORD,
    NUMBER,
    TEXT,
    SIGN
  }

  /**
   * A token.
   *
   * @param text a word in small letters, what a text holds, else as it stands
   * @param depth in how many brackets and CASEs it stands; these have the depth of what is around
   */
  record Token(Kind kind, String text, int depth) {
    boolean is(String other) {
      return kind != Kind.TEXT && text.equals(other);
    }

    boolean isWord() {
      return kind == Kind.WORD;
    }
  }

  private final char[] sql;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int depth;

  private SqlTokens(String sql) {
    this.sql = sql.toCharArray();
  }

  /**
   * The tokens without comments; null where the SQL has what this class does not know: quoted
   * names, texts and numbers that are not plain, comments over several lines, names that are words
   * of the language.
   */
  static @Nullable List<Token> of(String sql) {
    SqlTokens cut = new SqlTokens(sql);
    while (cut.at < cut.sql.length) {
      if (!cut.next()) {
        return null;
      }
    }
    return cut.tokens;
  }

  private boolean next() {
    char c = sql[at];
    int from = at;
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      at++;
      return true;
    }
    if (isWordPart(c)) {
      return word();
    }
    if (c == '\'') {
      return text();
    }
    at++;
    if (OPERATORS.indexOf(c) < 0) {
      // A blank that is none of the above, a quoted name or the like would end up here.
      return "(),.[]{}:".indexOf(c) >= 0 && bracket(c);
    }
    while (at < sql.length && OPERATORS.indexOf(sql[at]) >= 0) {
      at++;
    }
    String sign = new String(sql, from, at - from);
    if (sign.equals("--")) {
      while (at < sql.length && sql[at] != '\n') {
        at++;
      }
      return true;
    }
    tokens.add(new Token(Kind.SIGN, sign, depth));
    return !sign.contains("--") && !sign.contains("/*");
  }

  private boolean bracket(char c) {
    boolean closes = c == ')' || c == ']' || c == '}';
    boolean opens = c == '(' || c == '[' || c == '{';
    depth -= closes ? 1 : 0;
    tokens.add(new Token(Kind.SIGN, String.valueOf(c), depth));
    depth += opens ? 1 : 0;
    return true;
  }

  private static boolean isWordPart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
  }

  /** A word, or a number, which may have points in it. */
  private boolean word() {
    int from = at;
    boolean number = sql[at] <= '9';
    while (at < sql.length && (isWordPart(sql[at]) || (number && sql[at] == '.'))) {
      if (sql[at] <= 'Z' && sql[at] >= 'A') {
        sql[at] = (char) (sql[at] + ('a' - 'A'));
      }
      at++;
    }
    String word = new String(sql, from, at - from);
    if (number ? !isPlain(word) : ORDERING.contains(word) && isNamePlace()) {
      return false;
    }
    depth -= word.equals("end") ? 1 : 0;
    tokens.add(new Token(number ? Kind.NUMBER : Kind.WORD, word, depth));
    depth += word.equals("case") ? 1 : 0;
    return true;
  }

  /** Whether digits and points are all that a number has: words may follow it without a blank. */
  private static boolean isPlain(String number) {
    for (int i = 0; i < number.length(); i++) {
      if (number.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private boolean isNamePlace() {
    Token last = tokens.isEmpty() ? null : tokens.get(tokens.size() - 1);
    return last != null && (last.is(".") || last.is("as"));
  }

  /** A text in plain quotes; in a prefix such as E they would mean something else. */
  private boolean text() {
    if (at > 0 && isWordPart(sql[at - 1])) {
      return false;
    }
    int from = at + 1;
    boolean doubled = false;
    for (at++; at < sql.length; at++) {
      if (sql[at] == '\'') {
        if (at + 1 == sql.length || sql[at + 1] != '\'') {
          String text = new String(sql, from, at - from);
          tokens.add(new Token(Kind.TEXT, doubled ? text.replace("''", "'") : text, depth));
          at++;
          return true;
        }
        doubled = true;
        at++;
      }
    }
    return false;
  }

  /** The place behind the bracket that closes the one at a place; the end where none does. */
  static int closed(List<Token> tokens, int open) {
    int depth = tokens.get(open).depth();
    for (int i = open + 1; i < tokens.size(); i++) {
      if (tokens.get(i).depth() <= depth) {
        return i + 1;
      }
    }
    return tokens.size();
  }
}
