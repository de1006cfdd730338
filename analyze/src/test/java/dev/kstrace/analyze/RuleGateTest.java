package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.ManyTraces.Found;
import dev.kstrace.analyze.TableDef.ColumnDef;
import dev.kstrace.analyze.TableDef.SqlType;
import dev.kstrace.analyze.TraceCorpus.Sample;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A gate that is shut spares a rule that would find nothing, and no other. */
class RuleGateTest {
  private static final List<Rule> RULES = RulePack.builtIn();

  /** Rules for all rows of their tables. */
  private static final Set<String> NEVER_SHUT =
      Set.of(
          "allocation-churn",
          "events-lost",
          "illegal-state-step",
          "invalid-range",
          "kernel-routine-misuse",
          "sequence-gap",
          "unresolved-alloc-id");

  @Test
  void noGateIsShutOnARuleThatFindsSomething(@TempDir Path dir) throws Exception {
    Map<String, TraceFacts> facts = new HashMap<>();
    ManyTraces traces = new ManyTraces();
    for (Sample sample : corpus(dir)) {
      Path file = Traces.write(dir.resolve("trace.arrow"), sample.metadata(), sample.events());
      TraceFacts one = TraceFacts.of(file);
      facts.put(sample.name(), one);
      traces.add(sample.name(), one);
    }
    Map<String, List<Found>> found = traces.judge(RULES);
    Set<String> finding = new TreeSet<>();
    Set<String> spared = new TreeSet<>();
    for (String name : facts.keySet()) {
      SmallRows rows = new SmallRows(facts.get(name));
      Set<String> here = new HashSet<>();
      found.get(name).forEach(one -> here.add(one.rule()));
      for (Rule rule : RULES) {
        boolean open = RuleGate.of(rule).isOpen(rows);
        assertThat(open || !here.contains(rule.id())).as(rule.id() + " in " + name).isTrue();
        if (!open && rule.driving().stream().anyMatch(table -> !rows.isEmpty(table))) {
          spared.add(rule.id());
        }
      }
      finding.addAll(here);
    }
    assertThat(finding).containsAll(RulePack.IDS);
    Set<String> worthIt = new TreeSet<>(RulePack.IDS);
    worthIt.removeAll(NEVER_SHUT);
    assertThat(spared).containsExactlyElementsOf(worthIt);
  }

  private static List<Sample> corpus(Path dir) throws IOException {
    List<Sample> samples = new ArrayList<>(TraceCorpus.written());
    samples.addAll(TraceCorpus.foreign());
    samples.addAll(TraceCorpus.simulated(dir, 1));
    for (int seed = 1; seed <= TraceCorpus.seeds(40); seed++) {
      samples.add(TraceCorpus.random("frames " + seed, RandomTraces.of(seed)));
      samples.add(TraceCorpus.random("pins " + seed, RandomPins.of(seed)));
      samples.add(TraceCorpus.random("streams " + seed, RandomStreams.of(seed)));
    }
    return samples;
  }

  /** Rows that no tracker states, with values at and beside those that the statement names. */
  @Test
  void noStatementPassesRowsThatShutItsGate() throws Exception {
    Set<String> telling = new TreeSet<>();
    for (Rule rule : RULES) {
      RuleGate gate = RuleGate.of(rule);
      for (String table : rule.reads()) {
        MadeRows made = new MadeRows(rule);
        List<Object[]> shut = made.rowsThatShut(gate, table);
        if (!shut.isEmpty()) {
          made.tables.put(table, shut);
          assertThat(made.findings()).as(rule.id() + " by " + table).isZero();
        }
      }
      if (new MadeRows(rule).findings() > 0) {
        telling.add(rule.id());
      }
    }
    assertThat(telling).hasSizeGreaterThan(40);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "op = 'free'",
        "s.op IN ('free', 'delete')",
        "NOT s.op <> 'free'",
        "s.seq = 7 AND s.op = 'free'",
        "s.op = 'free' AND (s.seq = 8 OR s.seq = 7)",
        "s.seq BETWEEN 5 AND 9 AND s.seq NOT BETWEEN 8 AND 9",
        "s.seq & 3 = 3",
        "s.seq & 3 + 1 = 4",
        "s.duration_ns - 6 = -1",
        "s.seq + 1 IS NOT DISTINCT FROM 8",
        "s.status IS NULL AND s.status IS DISTINCT FROM 0",
        "s.status IS NOT DISTINCT FROM NULL",
        "s.doubt AND NOT s.allocator_doubt",
        "s.doubt = TRUE",
        "coalesce(s.status, 5) = 5",
        "CASE WHEN s.seq = 1 AND s.op = 'x' THEN false ELSE true END",
        "s.seq BETWEEN 1 AND 9 = TRUE",
        "s.frame > 9223372036854775807 AND s.frame = 18446744073709551615",
        "s.seq = (SELECT max(seq) FROM suspects)",
        "EXISTS (SELECT 1 FROM suspects x WHERE x.op = 'free')",
        "s.op = 'free' -- AND s.op = 'allocate'",
        "s.op LIKE 'fr%'",
        "s.duration_ns * 2 > 1.5",
        "s.seq = p.seven",
        "s.seq >= p.half",
        "S.OP = 'free'",
        "s.\"op\" = 'free'",
      })
  void aRowThatPassesOpensTheGate(String condition) throws Exception {
    String sql =
        "WITH params AS (SELECT 7 AS seven, 0.5 AS half) SELECT s.seq FROM suspects s, params p"
            + " WHERE "
            + condition;
    MadeRows made = new MadeRows(rule(sql, "suspects"));
    made.tables.put("suspects", List.<Object[]>of(free()));
    assertThat(made.findings()).isEqualTo(1);
    assertThat(RuleGate.of(made.rule).isOpen(made)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s.op = 'allocate'",
        "s.op <> 'free' OR s.seq = 8",
        "NOT (s.op = 'free' OR s.seq = 8)",
        "s.op NOT IN ('free')",
        "s.status = 0",
        "s.status <> 0",
        "s.status IS NOT NULL",
        "s.seq > p.seven",
        "s.seq < 7",
        "s.frame < 5",
        "s.seq BETWEEN 1 AND 6",
        "s.allocator_doubt",
        "s.seq = 7 AND hex(s.seq) = '0x7' AND NOT s.doubt",
        "s.seq = NULL",
      })
  void aConditionThatNoRowMeetsShutsTheGate(String condition) throws Exception {
    String sql =
        "WITH params AS (SELECT 7 AS seven) SELECT s.seq FROM suspects s, params p WHERE "
            + condition;
    MadeRows made = new MadeRows(rule(sql, "suspects"));
    made.tables.put("suspects", List.<Object[]>of(free()));
    assertThat(made.findings()).isZero();
    assertThat(RuleGate.of(made.rule).isOpen(made)).isFalse();
  }

  /** Statements that find something where no row of a table passes, or where none is needed. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT count(*) AS seq FROM suspects WHERE op = 'allocate'",
        "SELECT 1 AS seq FROM suspects WHERE op = 'allocate' HAVING count(*) = 0",
        "SELECT sum(seq) AS seq FROM suspects WHERE op = 'allocate' GROUP BY ALL",
        "SELECT count(*) AS seq FROM suspects WHERE op = 'allocate' GROUP BY ROLLUP (op)",
        "SELECT count(*) AS seq FROM suspects WHERE op = 'allocate' GROUP BY ()",
        "SELECT l.seq FROM losses l LEFT JOIN suspects s ON s.op = 'allocate' WHERE s.seq IS NULL",
        "SELECT l.seq FROM suspects s RIGHT JOIN losses l ON s.seq = l.seq AND s.op = 'allocate'",
        "SELECT l.seq FROM suspects s FULL JOIN losses l ON s.seq = l.seq AND s.op = 'allocate'",
        "SELECT l.seq FROM losses l ANTI JOIN suspects s ON s.op = 'allocate'",
        "SELECT seq FROM suspects WHERE op = 'allocate' UNION ALL SELECT seq FROM losses",
        "SELECT seq FROM losses EXCEPT SELECT seq FROM suspects WHERE op = 'allocate'",
        "SELECT seq FROM losses WHERE seq NOT IN (SELECT seq FROM suspects WHERE op = 'allocate')",
        "WITH n AS (SELECT count(*) AS c FROM suspects WHERE op = 'allocate')"
            + " SELECT l.seq FROM losses l, n WHERE n.c = 0",
        "WITH suspects AS (SELECT 'allocate' AS op, 1 AS seq)"
            + " SELECT seq FROM suspects WHERE op = 'allocate'",
        "WITH RECURSIVE n AS (SELECT 1 AS seq UNION SELECT seq + 1 FROM n WHERE seq < 3)"
            + " SELECT seq FROM n",
        "SELECT s.seq FROM (SELECT 'allocate' AS op, 1 AS seq) s, suspects WHERE s.op = 'allocate'",
        "FROM losses SELECT seq",
      })
  void whatNeedsNoPassingRowIsNotShut(String sql) throws Exception {
    MadeRows made = new MadeRows(rule(sql, "suspects, losses"));
    made.tables.put("suspects", List.<Object[]>of(free()));
    made.tables.put("losses", List.<Object[]>of(new Object[] {1L, 1L, 1L, "ring"}));
    assertThat(made.findings()).isPositive();
    assertThat(RuleGate.of(made.rule).isOpen(made)).isTrue();
  }

  @Test
  void aJoinThatFindsNoPartnerShutsTheGate() {
    String sql = "SELECT s.seq FROM suspects s JOIN losses l ON l.seq = s.seq AND s.op = 'delete'";
    MadeRows made = new MadeRows(rule(sql, "suspects, losses"));
    made.tables.put("suspects", List.<Object[]>of(free()));
    assertThat(RuleGate.of(made.rule).isOpen(made)).isFalse();
    made.tables.put("losses", List.of());
    String cross = "SELECT s.seq FROM suspects s CROSS JOIN losses l";
    assertThat(RuleGate.of(rule(cross, "suspects, losses")).isOpen(made)).isFalse();
  }

  private static Rule rule(String sql, String reads) {
    String text = RulePack.resource("/dev/kstrace/rules/double-free.sql");
    String header = text.substring(0, text.indexOf("SELECT")).replace("suspects", reads);
    return RuleFile.parse(null, "double-free", header + sql);
  }

  /** The free of seq 7 at the last address, in doubt, with no status. */
  private static Object[] free() {
    Object[] row = new Object[Tables.SUSPECTS.columns().size()];
    row[Tables.SUSPECTS.indexOf("seq")] = 7L;
    row[Tables.SUSPECTS.indexOf("op")] = 3L;
    row[Tables.SUSPECTS.indexOf("frame")] = -1L;
    row[Tables.SUSPECTS.indexOf("duration_ns")] = 5L;
    row[Tables.SUSPECTS.indexOf("doubt")] = true;
    row[Tables.SUSPECTS.indexOf("allocator_doubt")] = false;
    return row;
  }

  /** Rows of the tables of a rule that a seed makes up. */
  private static final class MadeRows implements RuleGate.Rows {
    private static final int ROWS = 300;
    private static final Pattern LITERAL = Pattern.compile("'([^']*)'|\\b\\d{1,18}\\b");

    final Rule rule;
    final Map<String, List<Object[]>> tables = new HashMap<>();
    private final Random random;
    private final List<Long> numbers = new ArrayList<>(List.of(0L, 1L, 2L, 3L));
    private final List<String> texts = new ArrayList<>(List.of("", "x"));

    MadeRows(Rule rule) {
      this.rule = rule;
      random = new Random(rule.id().hashCode());
      LITERAL
          .matcher(rule.sql())
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
      rule.reads().forEach(table -> tables.put(table, madeUp(Tables.named(table))));
    }

    @Override
    public boolean isEmpty(String table) {
      return tables.getOrDefault(table, List.of()).isEmpty();
    }

    @Override
    public List<Object[]> of(String table) {
      return tables.getOrDefault(table, List.of());
    }

    /** Of the rows of a table those that shut a gate together, whatever the other tables have. */
    List<Object[]> rowsThatShut(RuleGate gate, String table) {
      List<Object[]> shut = new ArrayList<>();
      for (Object[] row : of(table)) {
        shut.add(row);
        RuleGate.Rows others =
            new RuleGate.Rows() {
              @Override
              public boolean isEmpty(String name) {
                return false;
              }

              @Override
              public List<Object[]> of(String name) {
                return name.equals(table) ? shut : null;
              }
            };
        if (gate.isOpen(others)) {
          shut.remove(shut.size() - 1);
        }
      }
      return shut;
    }

    /** How many rows the statement gives. */
    long findings() throws SQLException {
      try (TraceDatabase database = TraceDatabase.open()) {
        database.execute(Macros.all());
        for (String name : rule.reads()) {
          ManyTraces.create(database, Tables.named(name), name, of(name));
        }
        return Long.parseLong(database.value("SELECT count(*) FROM (\n" + rule.sql() + "\n)"));
      }
    }

    private List<Object[]> madeUp(TableDef table) {
      List<Object[]> rows = new ArrayList<>();
      for (int i = 0; i < ROWS; i++) {
        rows.add(table.columns().stream().map(this::value).toArray());
      }
      return rows;
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
}
