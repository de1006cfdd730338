package dev.kstrace.analyze;

import dev.kstrace.analyze.RuleGate.Filtered;
import dev.kstrace.analyze.RuleGate.Query;
import dev.kstrace.analyze.RuleGate.Select;
import dev.kstrace.analyze.SqlTokens.Token;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads of a statement where its rows come from and what they must be like. It knows a part of SQL;
 * where it meets more, the query concerned counts as one that may yield rows.
 */
final class GateParser {
  private static final Query ANY = new Query(null);

  /** Words that begin what follows a FROM clause. */
  private static final Set<String> CLAUSES =
      Set.of("where", "group", "having", "window", "qualify", "order", "limit", "offset");

  /** Words before a bracket that make no row where there is none, as an aggregate would. */
  private static final Set<String> HARMLESS =
      Set.of(
          "abs",
          "and",
          "as",
          "between",
          "cast",
          "coalesce",
          "decimal",
          "else",
          "greatest",
          "in",
          "json_valid",
          "least",
          "not",
          "nullif",
          "or",
          "then",
          "try_cast",
          "when");

  private static final Set<String> MACROS = macros();

  /** Clauses that say what becomes of rows in more ways than are known here. */
  private static final Set<String> UNSURE = Set.of("having", "qualify", "window");

  private static final Set<String> SET_OPERATIONS = Set.of("except", "intersect", "select");

  private final List<String> reads;
  private final Map<String, Query> named = new HashMap<>();

  private GateParser(List<String> reads) {
    this.reads = reads;
  }

  /**
   * What the statement yields.
   *
   * @param reads the tables that it may read; whatever else it names is not looked at
   */
  static Query parse(String sql, List<String> reads) {
    List<Token> tokens = SqlTokens.of(sql);
    return tokens == null ? ANY : new GateParser(reads).statement(tokens);
  }

  private static Set<String> macros() {
    Set<String> names = new java.util.HashSet<>();
    Macros.ALL.forEach(macro -> names.add(macro.name()));
    return names;
  }

  private Query statement(List<Token> tokens) {
    if (tokens.isEmpty() || !tokens.get(0).is("with")) {
      return query(tokens);
    }
    int at = 1;
    while (at + 2 < tokens.size()
        && tokens.get(at).isWord()
        && tokens.get(at + 1).is("as")
        && tokens.get(at + 2).is("(")) {
      int end = SqlTokens.closed(tokens, at + 2);
      Query query = query(tokens.subList(at + 3, Math.max(at + 3, end - 1)));
      named.put(tokens.get(at).text(), query);
      if (end >= tokens.size() || !tokens.get(end).is(",")) {
        return query(tokens.subList(Math.min(end, tokens.size()), tokens.size()));
      }
      at = end + 1;
    }
    return ANY;
  }

  /** SELECTs joined by UNION. */
  private Query query(List<Token> tokens) {
    List<Select> selects = new ArrayList<>();
    int from = 0;
    while (true) {
      int end = find(tokens, from, Set.of("union"));
      Select select = select(tokens.subList(from, end));
      if (select == null) {
        return ANY;
      }
      selects.add(select);
      if (end == tokens.size()) {
        return new Query(List.copyOf(selects));
      }
      from = end + 1;
      from += from < tokens.size() && tokens.get(from).is("all") ? 1 : 0;
    }
  }

  /** The next of some words outside of brackets; the end where there is none. */
  private static int find(List<Token> tokens, int from, Set<String> words) {
    for (int i = from; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      if (token.isWord()
          && token.depth() == tokens.get(0).depth()
          && words.contains(token.text())
          && !(i > 0 && tokens.get(i - 1).is("distinct"))) { // IS DISTINCT FROM
        return i;
      }
    }
    return tokens.size();
  }

  private @Nullable Select select(List<Token> tokens) {
    int end = tokens.size();
    if (tokens.isEmpty() || !tokens.get(0).is("select") || find(tokens, 1, SET_OPERATIONS) < end) {
      return null;
    }
    int from = find(tokens, 1, Set.of("from"));
    if (from == end) {
      return new Select(List.of(), List.of(), constants(tokens.subList(1, end)));
    }
    int fromEnd = find(tokens, from + 1, CLAUSES);
    boolean filtered = fromEnd < end && tokens.get(fromEnd).is("where");
    int tail = filtered ? find(tokens, fromEnd + 1, CLAUSES) : fromEnd;
    if (!endsWithNothing(tokens, from, tail)) {
      return null;
    }
    FromClause sources = FromClause.parse(tokens.subList(from + 1, fromEnd));
    if (sources == null) {
      return null;
    }
    List<List<Token>> conditions = new ArrayList<>(sources.conditions());
    if (filtered) {
      conditions.add(tokens.subList(fromEnd + 1, tail));
    }
    return select(sources.items(), conditions);
  }

  /**
   * Whether no rows come out where none go in. A total over no rows would be a row, wherever in the
   * statement it stands; in WHERE and in the conditions of joins there can be none.
   *
   * @param from where FROM stands
   * @param tail what follows WHERE
   */
  private static boolean endsWithNothing(List<Token> tokens, int from, int tail) {
    int group = find(tokens, tail, Set.of("group"));
    if (group < tokens.size()) {
      Token first = group + 2 < tokens.size() ? tokens.get(group + 2) : tokens.get(group);
      return group == tail
          && first.isWord()
          && !Set.of("all", "cube", "group", "grouping", "rollup").contains(first.text());
    }
    return find(tokens, tail, UNSURE) == tokens.size()
        && !mayTotal(tokens.subList(1, from))
        && !mayTotal(tokens.subList(tail, tokens.size()));
  }

  private static boolean mayTotal(List<Token> tokens) {
    for (int i = 0; i + 1 < tokens.size(); i++) {
      Token token = tokens.get(i);
      if (token.isWord()
          && tokens.get(i + 1).is("(")
          && !HARMLESS.contains(token.text())
          && !MACROS.contains(token.text())) {
        return true;
      }
    }
    return false;
  }

  private Select select(List<FromClause.Item> items, List<List<Token>> conditions) {
    List<Filtered> tables = new ArrayList<>();
    List<Query> queries = new ArrayList<>();
    Map<String, Map<String, RowTerm>> constants = new HashMap<>();
    for (FromClause.Item item : items) {
      Query query = named.get(item.name());
      if (query != null && !item.optional()) {
        constants.put(item.alias(), query.constants());
        queries.add(query);
      }
    }
    for (FromClause.Item item : items) {
      if (!item.optional() && !named.containsKey(item.name()) && reads.contains(item.name())) {
        TableDef table = Tables.named(item.name());
        ConditionParser.Names names =
            (source, column) -> {
              boolean own = source == null ? items.size() == 1 : source.equals(item.alias());
              return own ? column(table, column) : constant(constants, source, column);
            };
        tables.add(new Filtered(item.name(), ConditionParser.terms(conditions, names)));
      }
    }
    return new Select(List.copyOf(tables), List.copyOf(queries), Map.of());
  }

  private static RowTerm column(TableDef table, String name) {
    for (int i = 0; i < table.columns().size(); i++) {
      if (table.columns().get(i).name().equals(name)) {
        return new RowTerm.Column(i, table.columns().get(i));
      }
    }
    return ConditionParser.ANYTHING;
  }

  private static RowTerm constant(
      Map<String, Map<String, RowTerm>> constants, @Nullable String source, String name) {
    return source == null
        ? ConditionParser.ANYTHING
        : constants.getOrDefault(source, Map.of()).getOrDefault(name, ConditionParser.ANYTHING);
  }

  /** Columns of a SELECT without FROM, such as {@code SELECT 16 AS min_failures}. */
  private static Map<String, RowTerm> constants(List<Token> tokens) {
    Map<String, RowTerm> constants = new HashMap<>();
    int from = 0;
    while (from < tokens.size()) {
      int end = from;
      while (end < tokens.size() && !tokens.get(end).is(",")) {
        end += tokens.get(end).is("(") ? SqlTokens.closed(tokens, end) - end : 1;
      }
      int as = find(tokens.subList(0, end), from, Set.of("as"));
      if (as + 2 == end) {
        RowTerm term =
            ConditionParser.parse(
                tokens.subList(from, as), (source, name) -> ConditionParser.ANYTHING);
        // Of two of one name the database takes one; which one is its affair.
        constants.merge(tokens.get(as + 1).text(), term, (one, other) -> ConditionParser.ANYTHING);
      }
      from = end + 1;
    }
    return constants;
  }
}
