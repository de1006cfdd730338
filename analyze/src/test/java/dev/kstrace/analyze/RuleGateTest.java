package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.ManyTraces.Found;
import dev.kstrace.analyze.TraceCorpus.Sample;
import java.io.IOException;
import java.math.BigDecimal;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
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
    Map<Rule, RuleGate> gates = new HashMap<>();
    RULES.forEach(rule -> gates.put(rule, RuleGate.of(rule)));
    Set<String> finding = new TreeSet<>();
    Set<String> spared = new TreeSet<>();
    for (String name : facts.keySet()) {
      SmallRows rows = new SmallRows(facts.get(name));
      Set<String> here = new HashSet<>();
      found.get(name).forEach(one -> here.add(one.rule()));
      for (Rule rule : RULES) {
        boolean open = gates.get(rule).isOpen(rows);
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

  /** All rules, and each that has thresholds with others as well. */
  private static List<Rule> withOtherThresholds() {
    List<Rule> rules = new ArrayList<>(RULES);
    for (Rule rule : RULES) {
      for (RuleParameter parameter : rule.parameters()) {
        BigDecimal value = parameter.value().multiply(BigDecimal.valueOf(2));
        try {
          rules.add(rule.with(parameter.name(), value.toPlainString()));
        } catch (IllegalArgumentException e) {
          rules.add(rule.with(parameter.name(), "1")); // a share
        }
      }
    }
    return rules;
  }

  private static List<Sample> corpus(Path dir) throws IOException {
    List<Sample> samples = new ArrayList<>(TraceCorpus.written());
    samples.addAll(TraceCorpus.foreign());
    samples.addAll(TraceCorpus.simulated(dir, 1));
    for (int seed = 1; seed <= TraceCorpus.seeds(30); seed++) {
      samples.add(TraceCorpus.random("frames " + seed, RandomTraces.of(seed)));
      samples.add(TraceCorpus.random("wild " + seed, RandomTraces.wild(seed)));
      samples.add(TraceCorpus.random("pins " + seed, RandomPins.of(seed)));
      samples.add(TraceCorpus.random("streams " + seed, RandomStreams.of(seed)));
    }
    return samples;
  }

  /** Rows that no tracker states, with values at and beside those that the statement names. */
  @Test
  void noStatementPassesRowsThatShutItsGate() throws Exception {
    Set<String> telling = new TreeSet<>();
    for (Rule rule : withOtherThresholds()) {
      RuleGate gate = RuleGate.of(rule);
      MadeRows made = MadeRows.of(rule, new Random(rule.id().hashCode()), 120);
      made.store(database);
      if (MadeRows.count(database, rule.sql()) > 0) {
        telling.add(rule.id());
      }
      for (String table : rule.reads()) {
        List<Object[]> shut = made.rowsThatShut(gate, table);
        if (!shut.isEmpty()) {
          ManyTraces.create(database, Tables.named(table), table, shut);
          assertThat(MadeRows.count(database, rule.sql())).as(rule.id() + " by " + table).isZero();
          ManyTraces.create(database, Tables.named(table), table, made.of(table));
        }
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
        "(SELECT count(*) = 0 FROM suspects x WHERE x.seq = 7 AND x.op = 'allocate')",
        "(FROM suspects x SELECT count(*) = 0 WHERE x.seq = 7 AND s.op = 'allocate')",
        "NOT EXISTS (SELECT 1 FROM suspects x WHERE x.seq = 7 AND x.op = 'allocate')",
        "s.seq NOT IN (SELECT x.seq FROM suspects x WHERE x.op = 'allocate')",
        "s.op <> 'x'' AND s.op = ''allocate'",
        "s.op = 'fr' || 'ee'",
        "s.seq = 14 // 2",
        "NOT (s.status = 0 AND s.op LIKE 'x%')",
        "s.seq IN (6, NULL, 7)",
        "s.op IN ('x', 'free') AND s.op IS NOT NULL",
        "s.seq BETWEEN 7 AND 7",
        "NOT (s.status = 0 AND s.seq = 8)",
        "(s.status = 0) IS NULL",
        "CASE WHEN s.op = 'allocate' THEN s.seq = 8 OR s.seq = 9 ELSE true END",
        "coalesce(s.status = 0, true)",
        "s.status = 0 OR s.seq = 7",
        "s.seq = 8 - 1 AND s.seq = -(-7)",
        "(s.seq & 1) + 1 = 2",
        "S.OP = 'free'",
        "s.\"op\" = 'free'",
      })
  void aRowThatPassesOpensTheGate(String condition) throws Exception {
    String sql =
        "WITH params AS (SELECT 7 AS seven, 0.5 AS half) SELECT s.seq FROM suspects s, params p"
            + " WHERE "
            + condition;
    MadeRows made = oneFree();
    assertThat(MadeRows.count(database, sql)).isEqualTo(1);
    assertThat(RuleGate.of(rule(sql, "suspects")).isOpen(made)).isTrue();
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
        "s.seq NOT IN (1, NULL)",
        "s.seq IN (1, NULL)",
        "NOT (s.status = 0)",
        "s.seq IS DISTINCT FROM 7",
        "s.status IS NOT DISTINCT FROM 0",
        "s.seq NOT BETWEEN 7 AND 7",
        "s.seq > 7",
        "s.seq + 1 & 3 = 1",
        "s.seq & 1 + 1 = 3",
        "s.seq < 7 OR s.op = 'x'",
        "(s.seq = 7 OR s.seq = 8) AND (s.op = 'x' OR s.status IS NOT NULL)",
      })
  void aConditionThatNoRowMeetsShutsTheGate(String condition) throws Exception {
    String sql =
        "WITH params AS (SELECT 7 AS seven) SELECT s.seq FROM suspects s, params p WHERE "
            + condition;
    MadeRows made = oneFree();
    assertThat(MadeRows.count(database, sql)).isZero();
    assertThat(RuleGate.of(rule(sql, "suspects")).isOpen(made)).isFalse();
  }

  /** Statements that find something where no row of a table passes, or where none is needed. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT count(*) AS seq FROM suspects WHERE op = 'allocate'",
        "SELECT 1 AS seq FROM suspects WHERE op = 'allocate' HAVING count(*) = 0",
        "SELECT 1 AS seq FROM suspects WHERE op = 'allocate' HAVING true",
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
        "SELECT 1 AS seq FROM suspects WHERE op = 'allocate' ORDER BY count(*)",
        "SELECT 1 AS seq FROM suspects s, losses l WHERE s.op = 'allocate' ORDER BY max(l.seq), 1",
        "SELECT 1 AS seq FROM suspects WHERE op = 'allocate' QUALIFY sum(count(*)) OVER () = 0",
        "SELECT 1 AS seq FROM suspects WHERE op = 'allocate' WINDOW w AS (ORDER BY count(*))"
            + " QUALIFY rank() OVER w = 1",
        "SELECT 1 AS seq FROM suspects WHERE op = 'allocate' ORDER BY abs(count(*)) LIMIT 5",
        "SELECT seq.max() AS seq FROM suspects WHERE op = 'allocate'",
        "SELECT 1 AS seq, COUNT (*) FROM suspects WHERE op = 'allocate'",
        "WITH p AS (SELECT 7 AS seven) SELECT l.seq FROM losses l LEFT JOIN p ON l.seq = 3"
            + " WHERE p.seven IS NULL",
        "WITH p AS (SELECT 1 AS one, 2 AS one) SELECT l.seq FROM losses l, p WHERE l.seq = p.one",
        "WITH p AS (SELECT 9 AS seq UNION ALL SELECT 1) SELECT l.seq FROM losses l, p"
            + " WHERE l.seq = p.seq",
        "WITH range AS (SELECT seq FROM suspects WHERE op = 'allocate')"
            + " SELECT l.seq FROM losses l, range(3) r",
        "WITH n AS (SELECT true AS from, seq FROM losses) SELECT n.from AS seq FROM n, losses"
            + " WHERE n.from AND losses.seq = 1",
        "WITH n AS (SELECT true AS end FROM losses) SELECT 1 AS seq FROM n, losses l"
            + " WHERE l.seq = 2 AND n.end OR l.seq = 1",
        "SELECT 1 AS seq FROM suspects WHERE op = 'allocate' AND seq = 1ORDER BY count(*)",
        "WITH n AS (SELECT true AS between FROM losses) SELECT 1 AS seq FROM n, losses l"
            + " WHERE n.between AND l.seq = 1",
        "SELECT l.seq FROM losses l LEFT OUTER JOIN suspects s ON s.op = 'allocate'",
        "SELECT l.seq FROM losses l LEFT JOIN suspects s ON s.op = 'x' JOIN losses m"
            + " ON m.seq = l.seq",
        "SELECT seq FROM suspects WHERE op = 'allocate' UNION SELECT seq FROM losses",
        "SELECT seq FROM losses UNION SELECT seq FROM suspects WHERE op = 'allocate' ORDER BY 1",
        "WITH n AS (SELECT seq FROM suspects WHERE op = 'allocate')"
            + " SELECT l.seq FROM losses l LEFT JOIN n ON n.seq = l.seq",
        "WITH n AS (SELECT seq FROM suspects WHERE op = 'allocate')"
            + " SELECT l.seq FROM losses l WHERE l.seq NOT IN (SELECT seq FROM n)",
      })
  void whatNeedsNoPassingRowIsNotShut(String sql) throws Exception {
    MadeRows made = oneFree();
    assertThat(MadeRows.count(database, sql)).isPositive();
    assertThat(RuleGate.of(rule(sql, "suspects, losses")).isOpen(made)).isTrue();
  }

  @Test
  void aJoinThatFindsNoPartnerShutsTheGate() throws Exception {
    String sql = "SELECT s.seq FROM suspects s JOIN losses l ON l.seq = s.seq AND s.op = 'delete'";
    MadeRows made = oneFree();
    made.tables.put("losses", List.of());
    assertThat(RuleGate.of(rule(sql, "suspects, losses")).isOpen(made)).isFalse();
    made.tables.put("losses", List.of());
    String cross = "SELECT s.seq FROM suspects s CROSS JOIN losses l";
    assertThat(RuleGate.of(rule(cross, "suspects, losses")).isOpen(made)).isFalse();
  }

  /** One free and one loss, which are in the database as well. */
  private static MadeRows oneFree() throws SQLException {
    MadeRows made = new MadeRows(new Random(1));
    made.tables.put("suspects", List.<Object[]>of(free()));
    made.tables.put("losses", List.<Object[]>of(new Object[] {1L, 1L, 1L, "ring"}));
    made.store(database);
    return made;
  }

  static Rule rule(String sql, String reads) {
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
}
