package dev.kstrace.analyze;

import dev.kstrace.analyze.SqlTokens.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a FROM clause joins, and the conditions of its joins. Knows commas, inner joins and joins to
 * the left.
 *
 * @param items in order
 * @param conditions of inner joins: all hold for every row that comes out
 */
record FromClause(List<Item> items, List<List<Token>> conditions) {
  private static final Set<String> JOINING = Set.of("join", "inner", "cross", "left");

  /** Words of joins that are not read here, or that no alias can be. */
  private static final Set<String> OTHER =
      Set.of(
          "anti",
          "asof",
          "full",
          "lateral",
          "natural",
          "on",
          "outer",
          "positional",
          "right",
          "semi",
          "tablesample",
          "using");

  /**
   * Something that is joined.
   *
   * @param name of a table or query; empty where it is neither
   * @param alias by which it is called, the name where it has none
   * @param optional whether a row comes out where it has none that fits
   */
  record Item(String name, String alias, boolean optional) {}

  /** The clause without its FROM; null where it is not of the kind that is known. */
  static @Nullable FromClause parse(List<Token> tokens) {
    Reader reader = new Reader(tokens);
    return reader.read() ? new FromClause(reader.items, reader.conditions) : null;
  }

  private static final class Reader {
    private final List<Token> tokens;
    private final List<Item> items = new ArrayList<>();
    private final List<List<Token>> conditions = new ArrayList<>();
    private int at;

    Reader(List<Token> tokens) {
      this.tokens = tokens;
    }

    boolean read() {
      if (!item(false)) {
        return false;
      }
      while (at < tokens.size()) {
        boolean left = false;
        boolean conditional = false;
        if (!take(",")) {
          left = take("left");
          boolean cross = !left && take("cross");
          if (left) {
            take("outer");
          } else if (!cross) {
            take("inner");
          }
          if (!take("join")) {
            return false;
          }
          conditional = !cross;
        }
        if (!item(left) || (conditional && !condition(left))) {
          return false;
        }
      }
      return true;
    }

    private boolean item(boolean optional) {
      String name = "";
      if (at == tokens.size()) {
        return false;
      }
      if (tokens.get(at).is("(")) {
        at = SqlTokens.closed(tokens, at);
      } else if (tokens.get(at).isWord()) {
        name = tokens.get(at++).text();
        if (at < tokens.size() && tokens.get(at).is("(")) {
          name = ""; // a function
          at = SqlTokens.closed(tokens, at);
        }
      } else {
        return false;
      }
      boolean must = take("as");
      String alias = name;
      if (at < tokens.size() && tokens.get(at).isWord() && !isJoining(tokens.get(at))) {
        alias = tokens.get(at++).text();
      } else if (must) {
        return false;
      }
      items.add(new Item(name, alias, optional));
      return true;
    }

    private static boolean isJoining(Token token) {
      return JOINING.contains(token.text()) || OTHER.contains(token.text());
    }

    private boolean condition(boolean left) {
      if (take("using")) {
        at = at < tokens.size() ? SqlTokens.closed(tokens, at) : at;
        return true;
      }
      if (!take("on")) {
        return false;
      }
      int from = at;
      while (at < tokens.size() && !endsCondition(tokens.get(at))) {
        at++;
      }
      if (!left) {
        conditions.add(tokens.subList(from, at));
      }
      return true;
    }

    private boolean endsCondition(Token token) {
      return token.depth() == tokens.get(0).depth()
          && (token.is(",") || (token.isWord() && isJoining(token)));
    }

    private boolean take(String text) {
      boolean taken = at < tokens.size() && tokens.get(at).is(text);
      at += taken ? 1 : 0;
      return taken;
    }
  }
}
