package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.ManyTraces.Found;
import dev.kstrace.analyze.TraceCorpus.Sample;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceText;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.duckdb.DuckDBAppender;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pairing, leaks and double frees once more, by window functions over the plain events: a database
 * that knows nothing of the tracker must come to the same frames.
 *
 * <p>Left out, by SQL as well, are traces in which one context value stands for two allocators that
 * could both own a frame, and traces whose rows are not in order: there a window over the events of
 * a context does not say whose they are.
 */
class WindowSqlTest {
  /**
   * The events of contexts, numbered by the initialize that their context came from, with whether
   * that allocator is deleted by then.
   */
  private static final String LIVES =
      """
      CREATE TABLE lives AS
      WITH numbered AS (
        SELECT *,
          sum(CASE WHEN op = 'initialize' THEN 1 ELSE 0 END) OVER through AS life
        FROM events
        WHERE layer <> 'none' AND context IS NOT NULL
          AND (op <> 'initialize' OR layer = 'callback' AND coalesce(status, 0) >= 0)
          AND (op <> 'delete' OR layer = 'callback')
        WINDOW through AS (PARTITION BY trace, context ORDER BY seq)
      )
      SELECT *,
        coalesce(
          sum(CASE WHEN op = 'delete' THEN 1 ELSE 0 END) OVER before, 0) > 0 AS deleted
      FROM numbered
      WINDOW before AS (
        PARTITION BY trace, context, life ORDER BY seq
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
      """;

  /**
   * What happened at one address of one allocator at one layer. A run is a row of allocates, or of
   * frees, with nothing of the other kind between: its first one counts.
   */
  private static final String STEPS =
      """
      CREATE TABLE steps AS
      WITH changes AS (
        SELECT *, lag(op) OVER address AS op_before
        FROM lives
        WHERE life > 0 AND frame <> 0
          AND (op = 'free' OR op = 'allocate' AND NOT deleted)
        WINDOW address AS (PARTITION BY trace, context, life, layer, frame ORDER BY seq)
      )
      SELECT *,
        sum(CASE WHEN op IS DISTINCT FROM op_before THEN 1 ELSE 0 END) OVER address AS run
      FROM changes
      WINDOW address AS (PARTITION BY trace, context, life, layer, frame ORDER BY seq)
      """;

  /** One row per frame: the first allocate of its run that succeeded, the first free behind it. */
  private static final String FRAMES =
      """
      CREATE TABLE paired AS
      WITH runs AS (
        SELECT trace, context, life, layer, frame, run, min(op) AS op,
          min(seq) AS first_seq,
          min(CASE WHEN coalesce(status, 0) >= 0 THEN seq END) AS good_seq
        FROM steps
        GROUP BY trace, context, life, layer, frame, run
      ), followed AS (
        SELECT *, lead(first_seq) OVER address AS next_seq
        FROM runs
        WINDOW address AS (PARTITION BY trace, context, life, layer, frame ORDER BY run)
      )
      SELECT trace, context, life, layer, frame, good_seq AS allocate_seq, next_seq AS free_seq
      FROM followed
      WHERE op = 'allocate' AND good_seq IS NOT NULL
      """;

  private static final String SECOND_FREES =
      """
      SELECT trace, seq FROM steps
      WHERE op = 'free' AND op_before = 'free' AND NOT deleted AND run > 1
      """;

  private static final String LEFT_OUT =
      """
      SELECT trace FROM (
        SELECT trace, op, life,
          lag(op) OVER through AS op_before,
          lag(deleted) OVER through AS deleted_before
        FROM lives
        WINDOW through AS (PARTITION BY trace, context ORDER BY seq)
      )
      WHERE op = 'initialize' AND life > 1 AND op_before <> 'delete' AND NOT deleted_before
      UNION
      SELECT f.trace FROM paired f
      JOIN steps s
        ON s.trace = f.trace AND s.context = f.context AND s.life > f.life
          AND s.layer = f.layer AND s.frame = f.frame
      WHERE f.free_seq IS NULL
      UNION
      SELECT trace FROM (
        SELECT trace, seq, lag(seq) OVER (PARTITION BY trace ORDER BY place) AS seq_before
        FROM events
      )
      WHERE seq <= seq_before
      """;

  @TempDir private static Path dir;

  private static final List<String> names = new ArrayList<>();
  private static final Map<String, Set<String>> frames = new TreeMap<>();
  private static final Map<String, Set<Long>> doubleFrees = new TreeMap<>();
  private static final Map<String, Set<Long>> wrongAllocator = new TreeMap<>();
  private static final Map<String, Set<Long>> leaks = new TreeMap<>();
  private static final Set<String> leftOut = new HashSet<>();
  private static final Set<String> slabs = new HashSet<>();
  private static TraceDatabase database;

  @BeforeAll
  static void loadEvents() throws Exception {
    List<Sample> samples = new ArrayList<>(TraceCorpus.written());
    samples.addAll(TraceCorpus.foreign());
    samples.addAll(TraceCorpus.simulated(dir, TraceCorpus.seeds(3)));
    for (int seed = 1; seed <= TraceCorpus.seeds(1500); seed++) {
      samples.add(TraceCorpus.random("random " + seed, RandomTraces.ofDistinctContexts(seed)));
      samples.add(TraceCorpus.random("shared " + seed, RandomTraces.of(seed)));
    }
    database = TraceDatabase.open();
    database.execute(
        "CREATE TABLE events (trace INTEGER, place INTEGER, seq UBIGINT, op VARCHAR,"
            + " layer VARCHAR, context UBIGINT, frame UBIGINT, status INTEGER)");
    ManyTraces traces = new ManyTraces();
    try (DuckDBAppender appender = database.connection().createAppender("main", "events")) {
      for (Sample sample : samples) {
        names.add(sample.name());
        append(appender, names.size() - 1, sample.events());
        Path file = Traces.write(dir.resolve("trace.arrow"), sample.metadata(), sample.events());
        traces.add(sample.name(), TraceFacts.of(file));
        frames.put(sample.name(), frames(sample));
        if (sample.events().stream().anyMatch(WindowSqlTest::isSlab)) {
          slabs.add(sample.name());
        }
      }
    }
    judge(traces);
    database.execute(LIVES);
    database.execute(STEPS);
    database.execute(FRAMES);
    for (String trace : query(LEFT_OUT).keySet()) {
      leftOut.add(trace);
    }
  }

  @AfterAll
  static void close() throws SQLException {
    database.close();
  }

  private static boolean isSlab(TraceEvent event) {
    return event.detail() != null && event.detail().contains("\"slab\":true");
  }

  private static void append(DuckDBAppender appender, int trace, List<TraceEvent> events)
      throws SQLException {
    int place = 0;
    for (TraceEvent event : events) {
      appender.beginRow();
      appender.append(trace);
      appender.append(place++);
      appender.append(event.seq());
      appender.append(TraceText.opLabel(event.op()));
      appender.append(TraceText.layerLabel(event.layer()));
      append(appender, event.context());
      append(appender, event.frame());
      if (event.status() == null) {
        appender.appendNull();
      } else {
        appender.append(event.status().intValue());
      }
      appender.endRow();
    }
  }

  private static void append(DuckDBAppender appender, Long value) throws SQLException {
    if (value == null) {
      appender.appendNull();
    } else {
      appender.append(value.longValue());
    }
  }

  /** What the tracker makes of a trace: each frame from allocate to free. */
  private static Set<String> frames(Sample sample) {
    Set<String> rows = new TreeSet<>();
    Tracker tracker =
        new Tracker(
            sample.metadata(),
            new TrackerSink() {
              @Override
              public void frame(
                  FrameTable table, int slot, Allocator allocator, EventBatch free, int row) {
                Long freed = free == null ? null : free.seq(row);
                rows.add(pair(table.allocateSeq(slot), freed));
              }
            });
    EventBatch batch = new EventBatch(Math.max(1, sample.events().size()));
    sample.events().forEach(batch::add);
    tracker.accept(batch);
    tracker.finish();
    return rows;
  }

  private static String pair(long allocated, Long freed) {
    return Long.toUnsignedString(allocated)
        + " to "
        + (freed == null ? "the end" : Long.toUnsignedString(freed));
  }

  private static void judge(ManyTraces traces) throws SQLException {
    List<String> wanted =
        List.of("double-free", "free-through-wrong-allocator", "frame-leak", "sequence-gap");
    List<Rule> rules =
        RulePack.builtIn().stream().filter(rule -> wanted.contains(rule.id())).toList();
    for (Map.Entry<String, List<Found>> verdict : traces.judge(rules).entrySet()) {
      String name = verdict.getKey();
      doubleFrees.put(name, seqs(verdict.getValue(), "double-free"));
      wrongAllocator.put(name, seqs(verdict.getValue(), "free-through-wrong-allocator"));
      leaks.put(name, seqs(verdict.getValue(), "frame-leak"));
    }
  }

  private static Set<Long> seqs(List<Found> findings, String rule) {
    Set<Long> seqs = new TreeSet<>();
    findings.stream().filter(f -> f.rule().equals(rule)).forEach(f -> seqs.add(f.seq()));
    return seqs;
  }

  /** The rows of a query without its first column, by the trace that this one names. */
  private static Map<String, Set<String>> query(String sql) throws SQLException {
    Map<String, Set<String>> rows = new HashMap<>();
    try (Statement statement = database.statement();
        ResultSet row = statement.executeQuery(sql)) {
      int columns = row.getMetaData().getColumnCount();
      while (row.next()) {
        Set<String> values =
            rows.computeIfAbsent(names.get(row.getInt(1)), name -> new TreeSet<>());
        if (columns > 1) {
          values.add(row.getString(2));
        }
      }
    }
    return rows;
  }

  @Test
  void mostTracesAreCompared() {
    assertThat(leftOut).hasSizeBetween(1, names.size() / 2);
    assertThat(leftOut.stream().filter(name -> name.startsWith("random"))).hasSizeLessThan(200);
  }

  @Test
  void allocatesAndFreesArePairedAsTheTrackerPairsThem() throws SQLException {
    Map<String, Set<String>> sql =
        query(
            """
            SELECT trace, allocate_seq || ' to ' || coalesce(free_seq::VARCHAR, 'the end')
            FROM paired
            """);
    assertSame(sql, frames);
    assertThat(sql.values().stream().mapToInt(Set::size).sum()).isGreaterThan(10_000);
  }

  @Test
  void leaksAreThoseOfTheRule() throws SQLException {
    Map<String, Set<String>> sql =
        query(
            """
            SELECT f.trace, f.allocate_seq::VARCHAR
            FROM paired f
            JOIN (
              SELECT trace, arg_max(op, place) AS last_op FROM events GROUP BY trace
            ) t ON t.trace = f.trace
            WHERE f.free_seq IS NULL AND t.last_op = 'trace_end'
            """);
    // A pin that carves one block is excused, which a window over calls does not know.
    sql.keySet().removeAll(slabs);
    assertSame(sql, texts(leaks));
    assertThat(sql.values().stream().mapToInt(Set::size).sum()).isGreaterThan(1000);
  }

  @Test
  void doubleFreesAreThoseOfTheRule() throws SQLException {
    Map<String, Set<String>> sql = query(SECOND_FREES);
    Map<String, Set<String>> rule = texts(doubleFrees);
    // Where another allocator has the address by then the rule says so, which is the graver thing.
    wrongAllocator.forEach(
        (name, seqs) ->
            seqs.forEach(
                seq -> sql.getOrDefault(name, new TreeSet<>()).remove(Long.toUnsignedString(seq))));
    assertSame(sql, rule);
    assertThat(rule.values().stream().mapToInt(Set::size).sum()).isGreaterThan(150);
  }

  private static Map<String, Set<String>> texts(Map<String, Set<Long>> seqs) {
    Map<String, Set<String>> texts = new TreeMap<>();
    seqs.forEach(
        (name, values) -> {
          Set<String> set = new TreeSet<>();
          values.forEach(value -> set.add(Long.toUnsignedString(value)));
          texts.put(name, set);
        });
    return texts;
  }

  private static void assertSame(Map<String, Set<String>> sql, Map<String, Set<String>> tracker) {
    List<String> differences = new ArrayList<>();
    for (String name : names) {
      Set<String> expected = tracker.getOrDefault(name, Set.of());
      Set<String> actual = sql.getOrDefault(name, Set.of());
      if (!leftOut.contains(name) && !actual.equals(expected)) {
        differences.add(name + ": SQL " + actual + ", tracker " + expected);
      }
    }
    assertThat(differences.subList(0, Math.min(5, differences.size())))
        .as(differences.size() + " of " + names.size())
        .isEmpty();
  }
}
