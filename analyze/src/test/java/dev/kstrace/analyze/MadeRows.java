package dev.kstrace.analyze;

import dev.kstrace.analyze.TableDef.ColumnDef;
import dev.kstrace.analyze.TableDef.SqlType;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;

/** Rows that a seed makes up, with values at and beside those that a statement names. */
final class MadeRows implements RuleGate.Rows {
  private static final Pattern LITERAL = Pattern.compile("'([^']*)'|\\b\\d{1,18}\\b");

  final Map<String, List<Object[]>> tables = new HashMap<>();
  private final Random random;
  private final List<Long> numbers = new ArrayList<>(List.of(0L, 1L, 2L, 3L));
  private final List<String> texts = new ArrayList<>(List.of("", "x", "it's"));

  MadeRows(Random random) {
    this.random = random;
  }

  /** So many rows of each table that a rule reads. */
  static MadeRows of(Rule rule, Random random, int rows) {
    MadeRows made = new MadeRows(random);
    made.learn(rule.sql());
    rule.reads().forEach(table -> made.make(table, rows));
    return made;
  }

  /** Takes the numbers of a statement, those beside them, and the texts. */
  private void learn(String sql) {
    LITERAL
        .matcher(sql)
        .results()
        .forEach(
            found -> {
              if (found.group(1) == null) {
                // The product of two stays within 64 bits.
                long number = Math.min(Long.parseLong(found.group()), 3_000_000_000L);
                numbers.addAll(List.of(Math.max(0, number - 1), number, number + 1));
              } else {
                texts.add(found.group(1));
              }
            });
  }

  /** Makes the rows of a table. */
  void make(String name, int rows) {
    List<Object[]> made = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      made.add(Tables.named(name).columns().stream().map(this::value).toArray());
    }
    tables.put(name, made);
  }

  @Override
  public boolean isEmpty(String table) {
    return of(table).isEmpty();
  }

  @Override
  public List<Object[]> of(String table) {
    return tables.getOrDefault(table, List.of());
  }

  /** Of the rows of a table those that shut a gate together, whatever the other tables have. */
  List<Object[]> rowsThatShut(RuleGate gate, String table) {
    List<Object[]> shut = new ArrayList<>();
    for (Object[] row : of(table)) {
      if (!isOpen(gate, table, List.<Object[]>of(row))) {
        shut.add(row);
      }
    }
    if (!isOpen(gate, table, shut)) {
      return shut;
    }
    // The statement joins the table with itself: two rows may do together what none does alone.
    List<Object[]> together = new ArrayList<>();
    for (Object[] row : shut) {
      together.add(row);
      if (isOpen(gate, table, together)) {
        together.remove(together.size() - 1);
      }
    }
    return together;
  }

  private static boolean isOpen(RuleGate gate, String table, List<Object[]> rows) {
    return gate.isOpen(
        new RuleGate.Rows() {
          @Override
          public boolean isEmpty(String name) {
            return name.equals(table) && rows.isEmpty();
          }

          @Override
          public List<Object[]> of(String name) {
            return name.equals(table) ? rows : null;
          }
        });
  }

  /** Makes the tables in a database, in place of any before. */
  void store(TraceDatabase database) throws SQLException {
    for (Map.Entry<String, List<Object[]>> table : tables.entrySet()) {
      ManyTraces.create(database, Tables.named(table.getKey()), table.getKey(), table.getValue());
    }
  }

  /** How many rows a statement gives. */
  static long count(TraceDatabase database, String sql) throws SQLException {
    return Long.parseLong(database.value("SELECT count(*) FROM (\n" + sql + "\n)"));
  }

  private Object value(ColumnDef column) {
    if (random.nextInt(10) == 0) {
      return null;
    }
    SqlType type = column.type();
    if (!Labels.of(type).isEmpty()) {
      return pick(List.copyOf(Labels.of(type).keySet()));
    }
    long number = pick(numbers);
    return switch (type) {
      case BOOLEAN -> random.nextBoolean();
      case VARCHAR -> pick(texts);
      case UTINYINT -> number & 15;
      case INTEGER -> (long) (int) number;
      case UBIGINT -> random.nextInt(8) == 0 ? -1 - number : Math.abs(number);
      default -> number;
    };
  }

  private <T> T pick(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
