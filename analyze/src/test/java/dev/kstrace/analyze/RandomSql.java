package dev.kstrace.analyze;

import dev.kstrace.analyze.TableDef.ColumnDef;
import dev.kstrace.analyze.TableDef.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Statements as a user's rule might have them, made up by a seed: joins, totals, subqueries, WITH,
 * UNION. Most are such as the database takes; their names and numbers are those of {@link
 * MadeRows}.
 */
final class RandomSql {
  /** The tables that statements read. */
  static final List<String> TABLES = List.of("suspects", "losses", "disorder");

  private static final List<String> COMPARISONS = List.of("=", "<>", "!=", "<", "<=", ">", ">=");

  /** A table, or a query of WITH, under the name by which columns call it. */
  private record Source(String alias, List<ColumnDef> columns) {}

  private final Random random;
  private int aliases;
  private List<Source> sources = List.of();

  RandomSql(Random random) {
    this.random = random;
  }

  /** A statement whose only column is named seq. */
  String statement() {
    StringBuilder sql = new StringBuilder("WITH params AS (SELECT ");
    sql.append(random.nextInt(4)).append(" AS few, ").append(random.nextInt(3) + 1);
    sql.append(" AS more").append(one(8) ? ", 0.5 AS half" : "").append("), named AS (");
    sql.append(select(false)).append(") ").append(select(true));
    while (one(8)) {
      sql.append(one(2) ? " UNION ALL " : " UNION ").append(select(true));
    }
    return sql.toString();
  }

  private String select(boolean namedToo) {
    List<Source> before = sources;
    sources = List.of();
    String from = from(namedToo);
    StringBuilder sql = new StringBuilder("SELECT ").append(one(3) ? any(results()) : "1");
    sql.append(" AS seq").append(one(9) ? " -- AND false\n " : " ");
    sql.append(one(6) ? "from " : "FROM ").append(from);
    if (!one(6)) {
      sql.append(" WHERE ").append(condition(random.nextInt(4)));
    }
    if (one(5)) {
      sql.append(' ').append(any(endings()));
    }
    sources = before;
    return sql.toString();
  }

  private List<String> results() {
    String column = number(0);
    return List.of(
        "abs(1)",
        column,
        "count(*)",
        "max(" + column + ")",
        "sum(1)",
        "count(" + column + ") FILTER (WHERE " + condition(1) + ")",
        "row_number() OVER ()",
        "coalesce(" + column + ", 3)",
        "CAST(count(*) AS BIGINT)",
        "(SELECT count(*) FROM losses z WHERE z.seq = 1)",
        "CASE WHEN " + condition(1) + " THEN 1 ELSE 2 END");
  }

  private List<String> endings() {
    String column = number(0);
    return List.of(
        "GROUP BY " + column,
        "GROUP BY ALL",
        "GROUP BY ()",
        "GROUP BY ROLLUP (" + column + ")",
        "GROUP BY GROUPING SETS ((), (" + column + "))",
        "GROUP BY " + column + ", ()",
        "GROUP BY 1 + 1",
        "HAVING count(*) = 0",
        "GROUP BY " + column + " HAVING count(*) > 0",
        "ORDER BY count(*)",
        "ORDER BY 1",
        "ORDER BY " + column,
        "ORDER BY max(" + column + ")",
        "QUALIFY count(*) = 0",
        "QUALIFY row_number() OVER (ORDER BY " + column + ") = 1",
        "LIMIT 1",
        "ORDER BY coalesce(sum(1), 0) LIMIT 3",
        "LIMIT 1 OFFSET 0");
  }

  private String from(boolean namedToo) {
    StringBuilder sql = new StringBuilder(source(namedToo));
    for (int joins = one(2) ? random.nextInt(3) : 0; joins > 0; joins--) {
      String kind =
          any(
              List.of(
                  ",",
                  " CROSS JOIN",
                  " JOIN",
                  " INNER JOIN",
                  " LEFT JOIN",
                  " LEFT JOIN",
                  " LEFT OUTER JOIN",
                  " RIGHT JOIN",
                  " FULL JOIN",
                  " SEMI JOIN",
                  " ANTI JOIN"));
      List<Source> before = sources;
      String source = source(namedToo);
      sql.append(kind).append(' ').append(source);
      if (!kind.equals(",") && !kind.equals(" CROSS JOIN")) {
        sql.append(" ON ").append(condition(2));
      }
      if (kind.equals(" SEMI JOIN") || kind.equals(" ANTI JOIN")) {
        sources = before;
      }
    }
    return sql.toString();
  }

  private String source(boolean namedToo) {
    String alias = "t" + aliases++;
    List<Source> all = new ArrayList<>(sources);
    String sql;
    if (namedToo && one(3)) {
      boolean params = one(2);
      sql = params ? "params " : "named ";
      List<ColumnDef> columns = new ArrayList<>();
      for (String name : params ? List.of("few", "more") : List.of("seq")) {
        columns.add(new ColumnDef(name, SqlType.BIGINT, ""));
      }
      all.add(new Source(alias, columns));
    } else if (one(10)) {
      sql = "(SELECT seq FROM losses WHERE " + "count IS NULL OR count <> 1) ";
      all.add(new Source(alias, Tables.LOSSES.columns().subList(0, 1)));
    } else {
      TableDef table = Tables.named(any(TABLES));
      sql = table.name() + (one(4) ? " AS " : " ");
      all.add(new Source(alias, table.columns()));
    }
    sources = List.copyOf(all);
    return sql + alias;
  }

  private String condition(int depth) {
    if (depth == 0) {
      return comparison();
    }
    int less = depth - 1;
    return switch (random.nextInt(22)) {
      case 0, 1, 2, 3 -> condition(less) + " AND " + condition(less);
      case 4, 5 -> condition(less) + " OR " + condition(less);
      case 6, 7 -> "(" + condition(less) + ")";
      case 8 -> "NOT " + comparison();
      case 9 -> "NOT (" + condition(less) + ")";
      case 10 -> "(" + condition(less) + ") IS NULL";
      case 11 -> "coalesce(" + condition(less) + ", true)";
      case 12 -> "CASE WHEN " + condition(less) + " THEN " + condition(less) + " ELSE true END";
      case 13 -> (one(2) ? "" : "NOT ") + "EXISTS (" + inner("1", less) + ")";
      case 14 -> "(" + inner("count(*) = 0", less) + ")";
      case 15 -> number(1) + (one(2) ? "" : " NOT") + " IN (" + inner("x.seq", less) + ")";
      case 16 -> "NOT coalesce(" + condition(less) + ", false)";
      default -> comparison();
    };
  }

  private String inner(String result, int depth) {
    List<Source> before = sources;
    List<Source> all = new ArrayList<>(sources);
    all.add(new Source("x", Tables.LOSSES.columns()));
    sources = List.copyOf(all);
    String sql = "SELECT " + result + " FROM losses x WHERE " + condition(depth);
    sources = before;
    return sql;
  }

  private String comparison() {
    Source source = any(sources);
    ColumnDef column = any(source.columns());
    String name = name(source, column);
    if (one(8)) {
      return name + (one(2) ? " IS NULL" : " IS NOT NULL");
    }
    if (column.type() == SqlType.BOOLEAN) {
      return any(
          List.of(
              name,
              "NOT " + name,
              name + " = true",
              name + " IS DISTINCT FROM false",
              name + " <> " + name));
    }
    if (!isNumber(column)) {
      String text = text(column);
      return switch (random.nextInt(7)) {
        case 0 -> name + " IN (" + text + ", " + text(column) + ")";
        case 1 -> name + " NOT IN (" + text + (one(4) ? ", NULL)" : ")");
        case 2 -> name + " IS DISTINCT FROM " + text;
        case 3 -> name + " LIKE '%e%'";
        case 4 -> name + " <> " + text;
        default -> name + " = " + text;
      };
    }
    String other = number(2);
    return switch (random.nextInt(9)) {
      case 0 -> name + " BETWEEN " + number(1) + " AND " + other;
      case 1 -> name + " NOT BETWEEN " + number(1) + " AND " + other;
      case 2 -> name + " IN (" + other + ", " + number(1) + (one(4) ? ", NULL)" : ")");
      case 3 -> name + " NOT IN (" + other + (one(4) ? ", NULL)" : ")");
      case 4 -> name + " IS DISTINCT FROM " + other;
      case 5 -> name + " IS NOT DISTINCT FROM " + (one(4) ? "NULL" : other);
      default -> number(1) + " " + any(COMPARISONS) + " " + other;
    };
  }

  private String number(int depth) {
    int less = depth - 1;
    if (depth <= 0 || !one(3)) {
      if (one(2)) {
        return any(List.of("0", "1", "2", "3", "4", "5", "1.5"));
      }
      List<String> names = new ArrayList<>();
      for (Source source : sources) {
        for (ColumnDef column : source.columns()) {
          if (isNumber(column)) {
            names.add(name(source, column));
          }
        }
      }
      return names.isEmpty() ? "2" : any(names);
    }
    return switch (random.nextInt(11)) {
      case 0 -> number(less) + " * 2";
      case 1, 10 -> number(less) + " + " + number(less);
      case 2 -> number(less) + " - 1";
      case 3 -> number(less) + " & 3";
      case 4 -> number(less) + " & 1 + 1";
      case 5 -> "(" + number(less) + ")";
      case 6 -> "-" + any(List.of("1", "(2)", "0"));
      case 7 -> "coalesce(" + number(less) + ", 1)";
      case 8 -> "(SELECT max(z.seq) FROM losses z)";
      default -> "CASE WHEN " + comparison() + " THEN 1 ELSE 2 END";
    };
  }

  private static boolean isNumber(ColumnDef column) {
    return column.type() != SqlType.BOOLEAN
        && column.type() != SqlType.VARCHAR
        && Labels.of(column.type()).isEmpty();
  }

  private String name(Source source, ColumnDef column) {
    String alias = sources.size() == 1 && one(3) ? "" : source.alias() + ".";
    String name = alias + column.name();
    return one(8) ? name.toUpperCase(Locale.ROOT) : name;
  }

  private String text(ColumnDef column) {
    List<String> texts =
        new ArrayList<>(List.of("x", "", "FROM", "''; AND op = ''x", "-- no", "it''s", "(''"));
    texts.addAll(Labels.of(column.type()).values());
    return "'" + any(texts) + "'";
  }

  private boolean one(int of) {
    return random.nextInt(of) == 0;
  }

  private <T> T any(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
