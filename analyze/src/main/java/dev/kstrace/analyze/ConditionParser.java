package dev.kstrace.analyze;

import dev.kstrace.analyze.SqlTokens.Kind;
import dev.kstrace.analyze.SqlTokens.Token;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns the tokens of a condition into a term. What it cannot read becomes {@link #ANYTHING},
 * alone: the parts that AND and OR join are read one by one.
 */
final class ConditionParser {
  /** The term of which nothing is known. */
  static final RowTerm ANYTHING = new RowTerm.Constant(RowTerm.UNKNOWN);

  private static final Set<String> COMPARISONS = Set.of("=", "<>", "!=", "<", "<=", ">", ">=");

  private static final Map<String, RowTerm> CONSTANTS =
      Map.of(
          "true", new RowTerm.Constant(true),
          "false", new RowTerm.Constant(false),
          "null", new RowTerm.Constant(null));

  /** Words of a query: where one stands in brackets, the ANDs and ORs beside it are its own. */
  private static final Set<String> OF_QUERIES =
      Set.of(
          "describe",
          "from",
          "pivot",
          "select",
          "show",
          "summarize",
          "table",
          "unpivot",
          "values",
          "where",
          "with");

  /** What names mean. */
  interface Names {
    /**
     * The term of a column.
     *
     * @param source the name or alias before the point; null = none
     */
    RowTerm column(@Nullable String source, String name);
  }

  /** The tokens are not of the small language that is read here. */
  private static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1;

    Unreadable() {
      super(null, null, false, false);
    }
  }

  private final List<Token> tokens;
  private final Names names;
  private int at;

  private ConditionParser(List<Token> tokens, Names names) {
    this.tokens = tokens;
    this.names = names;
  }

  /** The term of a condition. */
  static RowTerm parse(List<Token> tokens, Names names) {
    if (isQuery(tokens)) {
      return ANYTHING;
    }
    List<List<Token>> alternatives = split(tokens, "or");
    if (alternatives.size() > 1) {
      return new RowTerm.Joined(false, terms(alternatives, names));
    }
    List<List<Token>> parts = split(tokens, "and");
    if (parts.size() > 1) {
      return new RowTerm.Joined(true, terms(parts, names));
    }
    if (isBracketed(tokens)) {
      return parse(tokens.subList(1, tokens.size() - 1), names);
    }
    if (!tokens.isEmpty() && tokens.get(0).is("not")) {
      return new RowTerm.Not(parse(tokens.subList(1, tokens.size()), names));
    }
    ConditionParser parser = new ConditionParser(tokens, names);
    try {
      RowTerm term = parser.comparison();
      return parser.at == tokens.size() ? term : ANYTHING;
    } catch (Unreadable e) {
      return ANYTHING;
    }
  }

  /** The terms of several conditions. */
  static List<RowTerm> terms(List<List<Token>> parts, Names names) {
    List<RowTerm> terms = new ArrayList<>();
    for (List<Token> part : parts) {
      terms.add(parse(part, names));
    }
    return List.copyOf(terms);
  }

  private static boolean isQuery(List<Token> tokens) {
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      if (token.isWord()
          && token.depth() == tokens.get(0).depth()
          && OF_QUERIES.contains(token.text())
          && !(i > 0 && tokens.get(i - 1).is("distinct"))) { // IS DISTINCT FROM
        return true;
      }
    }
    return false;
  }

  private static boolean isBracketed(List<Token> tokens) {
    return !tokens.isEmpty()
        && tokens.get(0).is("(")
        && SqlTokens.closed(tokens, 0) == tokens.size();
  }

  /** Cuts at a word outside of brackets; the AND of a BETWEEN joins nothing. */
  private static List<List<Token>> split(List<Token> tokens, String word) {
    List<List<Token>> parts = new ArrayList<>();
    int depth = tokens.isEmpty() ? 0 : tokens.get(0).depth();
    int from = 0;
    boolean between = false;
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      if (token.depth() != depth || !token.isWord()) {
        continue;
      }
      if (between && token.is("and")) {
        between = false;
      } else if (token.is(word)) {
        parts.add(tokens.subList(from, i));
        from = i + 1;
      }
      between |= token.is("between");
    }
    parts.add(tokens.subList(from, tokens.size()));
    return parts;
  }

  private RowTerm comparison() throws Unreadable {
    RowTerm left = masked();
    if (at == tokens.size()) {
      return left;
    }
    if (take("is")) {
      return is(left);
    }
    boolean negated = take("not");
    RowTerm term;
    if (take("in")) {
      term = in(left);
    } else if (take("between")) {
      RowTerm least = masked();
      expect("and");
      RowTerm most = masked();
      term =
          new RowTerm.Joined(
              true,
              List.of(new RowTerm.Binary(">=", left, least), new RowTerm.Binary("<=", left, most)));
    } else if (!negated && COMPARISONS.contains(tokens.get(at).text()) && isSign()) {
      term = new RowTerm.Binary(tokens.get(at++).text(), left, masked());
    } else {
      throw new Unreadable();
    }
    return negated ? new RowTerm.Not(term) : term;
  }

  private RowTerm is(RowTerm left) throws Unreadable {
    boolean negated = take("not");
    if (take("distinct")) {
      expect("from");
      RowTerm right = masked();
      RowTerm same =
          new RowTerm.Joined(
              false,
              List.of(
                  new RowTerm.Joined(
                      true, List.of(new RowTerm.IsNull(left), new RowTerm.IsNull(right))),
                  new RowTerm.Joined(
                      true,
                      List.of(
                          new RowTerm.Not(new RowTerm.IsNull(left)),
                          new RowTerm.Not(new RowTerm.IsNull(right)),
                          new RowTerm.Binary("=", left, right)))));
      return negated ? same : new RowTerm.Not(same);
    }
    expect("null");
    RowTerm isNull = new RowTerm.IsNull(left);
    return negated ? new RowTerm.Not(isNull) : isNull;
  }

  private RowTerm in(RowTerm left) throws Unreadable {
    expect("(");
    List<RowTerm> same = new ArrayList<>();
    do {
      same.add(new RowTerm.Binary("=", left, masked()));
    } while (take(","));
    expect(")");
    return new RowTerm.Joined(false, same);
  }

  /** {@code &} binds less than plus and minus do. */
  private RowTerm masked() throws Unreadable {
    RowTerm term = sum();
    while (take("&")) {
      term = new RowTerm.Binary("&", term, sum());
    }
    return term;
  }

  private RowTerm sum() throws Unreadable {
    RowTerm term = value();
    while (at < tokens.size() && isSign() && (peek("+") || peek("-"))) {
      term = new RowTerm.Binary(tokens.get(at++).text(), term, value());
    }
    return term;
  }

  private RowTerm value() throws Unreadable {
    if (take("(")) {
      RowTerm term = masked();
      expect(")");
      return term;
    }
    if (take("-")) {
      return new RowTerm.Binary("-", new RowTerm.Constant(BigInteger.ZERO), value());
    }
    if (at == tokens.size()) {
      throw new Unreadable();
    }
    Token token = tokens.get(at++);
    if (token.kind() == Kind.TEXT) {
      return new RowTerm.Constant(token.text());
    }
    if (token.kind() == Kind.NUMBER) {
      return new RowTerm.Constant(number(token.text()));
    }
    if (!token.isWord() || peek("(")) {
      throw new Unreadable();
    }
    RowTerm constant = CONSTANTS.get(token.text());
    if (constant != null) {
      return constant;
    }
    if (!take(".")) {
      return names.column(null, token.text());
    }
    if (at == tokens.size() || !tokens.get(at).isWord()) {
      throw new Unreadable();
    }
    return names.column(token.text(), tokens.get(at++).text());
  }

  private static Object number(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return RowTerm.UNKNOWN;
      }
    }
    return new BigInteger(text);
  }

  private boolean isSign() {
    return tokens.get(at).kind() == Kind.SIGN;
  }

  private boolean peek(String text) {
    return at < tokens.size() && tokens.get(at).is(text);
  }

  private boolean take(String text) {
    boolean taken = peek(text);
    at += taken ? 1 : 0;
    return taken;
  }

  private void expect(String text) throws Unreadable {
    if (!take(text)) {
      throw new Unreadable();
    }
  }
}
