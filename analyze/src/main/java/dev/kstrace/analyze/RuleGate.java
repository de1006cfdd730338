package dev.kstrace.analyze;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether a rule's statement could find anything in the rows that there are, told from its FROM and
 * WHERE without the database, for which each statement costs milliseconds even over a single row. A
 * gate that is shut means no findings; one that is open means nothing. Immutable.
 */
final class RuleGate {
  /** Where more rows than that have to be looked at the database does it as quickly. */
  private static final int LOOK = 1000;

  /** Where rows come from. */
  interface Rows {
    /** Whether a table has none. */
    boolean isEmpty(String table);

    /** The rows of a table; null where there may be too many to ask for. */
    @Nullable List<@Nullable Object[]> of(String table);
  }

  /**
   * A table of which a row has to meet conditions.
   *
   * @param conditions all of them for the same row; those of which nothing is known are left out
   */
  record Filtered(String table, List<RowTerm> conditions) {
    boolean mayYield(Rows rows) {
      if (rows.isEmpty(table)) {
        return false;
      }
      List<@Nullable Object[]> all = conditions.isEmpty() ? null : rows.of(table);
      if (all == null || all.size() > LOOK) {
        return true;
      }
      for (@Nullable Object[] row : all) {
        if (RowTerm.allMayHold(conditions, row)) {
          return true;
        }
      }
      return false;
    }
  }

  /** One SELECT: it yields nothing where one of its sources yields nothing. */
  record Select(List<Filtered> tables, List<Query> queries, Map<String, RowTerm> constants) {
    boolean mayYield(Rows rows) {
      for (Filtered table : tables) {
        if (!table.mayYield(rows)) {
          return false;
        }
      }
      for (Query query : queries) {
        if (!query.mayYield(rows)) {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * A statement, or one that its WITH names.
   *
   * @param selects joined by UNION; null where it cannot be told what it yields
   */
  record Query(@Nullable List<Select> selects) {
    boolean mayYield(Rows rows) {
      if (selects == null) {
        return true;
      }
      for (Select select : selects) {
        if (select.mayYield(rows)) {
          return true;
        }
      }
      return false;
    }

    /** Columns that have the same known value in the only row that it yields. */
    Map<String, RowTerm> constants() {
      return selects == null || selects.size() != 1 ? Map.of() : selects.get(0).constants();
    }
  }

  private final Query statement;

  private RuleGate(Query statement) {
    this.statement = statement;
  }

  /** The gate of a rule; always open where its statement is of a kind that cannot be told. */
  static RuleGate of(Rule rule) {
    return new RuleGate(GateParser.parse(rule.sql(), rule.reads()));
  }

  /** Whether the statement could find something. */
  boolean isOpen(Rows rows) {
    return statement.mayYield(rows);
  }
}
