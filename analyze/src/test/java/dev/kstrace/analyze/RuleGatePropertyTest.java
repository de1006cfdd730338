package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Findings with gates are those without, whatever the statement and whatever is in the tables. */
class RuleGatePropertyTest {
  private static final String READS = String.join(", ", RandomSql.TABLES);

  private static TraceDatabase database;

  @BeforeAll
  static void open() throws SQLException {
    database = TraceDatabase.open();
    database.execute(Macros.all());
  }

  @AfterAll
  static void close() throws SQLException {
    database.close();
  }

  @Test
  void noStatementGivesRowsWhereItsGateIsShut() throws Exception {
    int shut = 0;
    List<String> wrong = new ArrayList<>();
    for (int seed = 1; seed <= TraceCorpus.seeds(100); seed++) {
      Random random = new Random(seed);
      MadeRows rows = new MadeRows(random);
      RandomSql.TABLES.forEach(table -> rows.make(table, random.nextInt(8) == 0 ? 0 : 2));
      rows.store(database);
      RandomSql statements = new RandomSql(random);
      for (int i = 0; i < 100; i++) {
        String sql = statements.statement();
        if (!RuleGate.of(RuleGateTest.rule(sql, READS)).isOpen(rows)) {
          try {
            if (MadeRows.count(database, sql) > 0) {
              wrong.add("seed " + seed + ": " + sql);
            }
            shut++;
          } catch (SQLException e) {
            // It is no statement that a rule could have.
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(shut).isGreaterThan(500);
  }
}
