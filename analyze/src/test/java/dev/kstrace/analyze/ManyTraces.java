package dev.kstrace.analyze;

import dev.kstrace.analyze.TableDef.ColumnDef;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.duckdb.DuckDBAppender;

/**
 * Judges many small traces with one run of each rule, because a run costs milliseconds whatever it
 * reads.
 *
 * <p>The tables of all traces lie in one database, as plain tables; {@code seq} and {@code
 * alloc_id} of trace k are shifted by k * 2^32, so that no rule can mix two traces. Traces whose
 * trace_info differs in what rules read are judged apart. {@code ManyTracesTest} shows that the
 * verdicts are those of {@link Judge}. Not thread-safe.
 */
final class ManyTraces {
  private static final int SHIFT = 32;

  /** Columns by which rules join or that they report. */
  private static boolean isShifted(String column) {
    return column.endsWith("seq") || column.equals("alloc_id") || column.equals("pin_id");
  }

  /** A finding without its words; two are equal if they say the same of the same event. */
  record Found(String rule, Severity severity, boolean certain, long seq)
      implements Comparable<Found> {
    static Found of(Finding finding) {
      return new Found(finding.rule(), finding.severity(), finding.certain(), finding.seq());
    }

    @Override
    public int compareTo(Found other) {
      int order = Long.compareUnsigned(seq, other.seq);
      order = order != 0 ? order : rule.compareTo(other.rule);
      order = order != 0 ? order : severity.compareTo(other.severity);
      return order != 0 ? order : Boolean.compare(certain, other.certain);
    }

    @Override
    public String toString() {
      return rule
          + " "
          + severity.label()
          + " seq="
          + Long.toUnsignedString(seq)
          + (certain ? " certain" : " possible");
    }
  }

  private final List<TraceFacts> traces = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private final List<List<Object[]>> calls = new ArrayList<>();
  private final List<List<Object[]>> frames = new ArrayList<>();

  /** Takes the facts of a trace; the file is not needed any more. */
  void add(String name, TraceFacts facts) {
    names.add(name);
    traces.add(facts);
  }

  /** Takes a trace with its large tables, {@code calls} and {@code frames}, as well. */
  void addWhole(String name, Path file) throws IOException {
    add(name, TraceFacts.of(file));
    List<Object[]> callRows = new ArrayList<>();
    List<Object[]> frameRows = new ArrayList<>();
    try (TraceReader trace = TraceReader.open(file)) {
      Tracker[] tracker = new Tracker[1];
      tracker[0] =
          new Tracker(
              trace.metadata(),
              new TrackerSink() {
                @Override
                public void call(CallFacts call) {
                  callRows.add(CallRows.row(call));
                }

                @Override
                public void frame(
                    FrameTable table, int slot, Allocator allocator, EventBatch free, int row) {
                  frameRows.add(
                      FrameRows.row(table, slot, allocator, free, row, tracker[0].lossEpoch()));
                }
              });
      EventBatch batch = new EventBatch(1024);
      while (trace.read(batch)) {
        tracker[0].accept(batch);
      }
      tracker[0].finish();
    }
    calls.add(callRows);
    frames.add(frameRows);
  }

  /** The findings of each trace, sorted, by the name it was added under. */
  Map<String, List<Found>> judge(List<Rule> rules) throws SQLException {
    return judge(rules, Map.of());
  }

  /** The same with some tables read in place of others. */
  Map<String, List<Found>> judge(List<Rule> rules, Map<String, String> instead)
      throws SQLException {
    Map<String, List<Found>> all = new TreeMap<>();
    names.forEach(name -> all.put(name, new ArrayList<>()));
    // Rules that can tell less apart are run less often.
    Map<String, List<Rule>> alike = new TreeMap<>();
    for (Rule rule : rules) {
      alike.computeIfAbsent(told(rule).toString(), key -> new ArrayList<>()).add(rule);
    }
    try (TraceDatabase database = TraceDatabase.open()) {
      database.execute(Macros.all());
      for (List<Rule> some : alike.values()) {
        judge(database, some, instead, all);
      }
    }
    all.values().forEach(findings -> findings.sort(null));
    return all;
  }

  /** Judges by rules that read the same of trace_info. */
  private void judge(
      TraceDatabase database,
      List<Rule> rules,
      Map<String, String> instead,
      Map<String, List<Found>> all)
      throws SQLException {
    Map<String, List<Integer>> groups = new TreeMap<>();
    BitSet told = told(rules.get(0));
    for (int i = 0; i < traces.size(); i++) {
      TraceFacts facts = traces.get(i);
      groups.computeIfAbsent(key(facts, told), k -> new ArrayList<>()).add(i);
    }
    Set<String> tables = new TreeSet<>();
    rules.forEach(rule -> tables.addAll(rule.reads()));
    for (List<Integer> group : groups.values()) {
      for (String table : tables) {
        create(database, table, instead.getOrDefault(table, table), group);
      }
      for (Rule rule : rules) {
        if (!instead.isEmpty() || group.stream().anyMatch(i -> hasRowsFor(rule, i))) {
          run(database, rule, all);
        }
      }
    }
  }

  /** As {@link Judge} has it: a rule without a row to look at is not run. */
  private boolean hasRowsFor(Rule rule, int trace) {
    return rule.driving().stream().anyMatch(table -> !traces.get(trace).isEmpty(table));
  }

  /** What of trace_info the rules can tell apart: traces of one key may lie in one database. */
  private static String key(TraceFacts facts, BitSet columns) {
    Object[] info = facts.rows(Tables.TRACE_INFO).get(0);
    StringBuilder key = new StringBuilder();
    columns.stream()
        .forEach(
            i ->
                // Rules compare numbers with 0 and 1 only.
                key.append(info[i] instanceof Long number ? Math.min(number, 2) : info[i])
                    .append(' '));
    return key.toString();
  }

  /** The columns of trace_info that a rule reads. */
  private static BitSet told(Rule rule) {
    BitSet told = new BitSet();
    for (int i = 0; i < Tables.TRACE_INFO.columns().size(); i++) {
      Pattern column =
          Pattern.compile("\\bt\\." + Tables.TRACE_INFO.columns().get(i).name() + "\\b");
      told.set(i, column.matcher(rule.sql()).find());
    }
    return told;
  }

  /** Traces whose findings are not the expected ones, a line each, for a message one can read. */
  static <T> List<String> differences(Map<String, List<T>> actual, Map<String, List<T>> expected) {
    List<String> lines = new ArrayList<>();
    actual.forEach(
        (name, findings) -> {
          if (!findings.equals(expected.get(name))) {
            lines.add(name + ": expected " + expected.get(name) + " but was " + findings);
          }
        });
    return lines;
  }

  private void create(TraceDatabase database, String name, String source, List<Integer> group)
      throws SQLException {
    TableDef table = Tables.named(source);
    create(database, table, name);
    try (DuckDBAppender appender = database.connection().createAppender("main", name)) {
      for (int trace : group) {
        for (Object[] row : rows(source, trace)) {
          append(appender, table, row, (long) trace << SHIFT);
        }
        if (name.equals("trace_info")) {
          break;
        }
      }
    }
    if (source.equals("frames")) {
      database.execute("DELETE FROM " + name + " WHERE state = 'freed'");
    }
  }

  private static void create(TraceDatabase database, TableDef table, String name)
      throws SQLException {
    database.execute(
        "CREATE OR REPLACE TABLE "
            + name
            + " ("
            + table.columns().stream()
                .map(column -> column.name() + " " + column.type().shown())
                .collect(Collectors.joining(", "))
            + ")");
  }

  /** Makes a table of the database's own with some rows. */
  static void create(TraceDatabase database, TableDef table, String name, List<Object[]> rows)
      throws SQLException {
    create(database, table, name);
    try (DuckDBAppender appender = database.connection().createAppender("main", name)) {
      for (Object[] row : rows) {
        append(appender, table, row, 0);
      }
    }
  }

  private List<Object[]> rows(String source, int trace) {
    return switch (source) {
      case "calls" -> calls.get(trace);
      case "frames" -> frames.get(trace);
      default -> traces.get(trace).rows(Tables.named(source));
    };
  }

  private static void append(DuckDBAppender appender, TableDef table, Object[] row, long shift)
      throws SQLException {
    appender.beginRow();
    for (int i = 0; i < row.length; i++) {
      ColumnDef column = table.columns().get(i);
      Object value = row[i];
      if (value == null) {
        appender.appendNull();
      } else if (value instanceof Boolean flag) {
        appender.append(flag);
      } else if (value instanceof String text) {
        appender.append(text);
      } else {
        append(appender, column, (Long) value, shift);
      }
    }
    appender.endRow();
  }

  private static void append(DuckDBAppender appender, ColumnDef column, long value, long shift)
      throws SQLException {
    if (!Labels.of(column.type()).isEmpty()) {
      String label = Labels.of(column.type()).get(value);
      appender.append(label == null ? Labels.unlabelled(column.type()) + value : label);
      return;
    }
    switch (column.type()) {
      case INTEGER -> appender.append((int) value);
      case UTINYINT -> appender.append((byte) value);
      default -> {
        if (isShifted(column.name())) {
          if (shift != 0 && value >>> SHIFT != 0) {
            throw new IllegalArgumentException(column.name() + "=" + value + " is too large");
          }
          appender.append(value + shift);
        } else {
          appender.append(value);
        }
      }
    }
  }

  private void run(TraceDatabase database, Rule rule, Map<String, List<Found>> all)
      throws SQLException {
    Set<Integer> silent = new HashSet<>();
    try (Statement statement = database.statement();
        ResultSet row = statement.executeQuery(rule.sql())) {
      while (row.next()) {
        long shifted = ((Number) row.getObject("seq")).longValue();
        int trace = (int) (shifted >>> SHIFT);
        if (silent.contains(trace)) {
          continue;
        }
        if (!rule.missing(traces.get(trace)).isEmpty()) {
          silent.add(trace);
          continue;
        }
        all.get(names.get(trace)).add(found(row, rule, traces.get(trace), shifted));
      }
    } catch (SQLException e) {
      throw new SQLException("rule " + rule.id() + ": " + e.getMessage(), e);
    }
  }

  private static Found found(ResultSet row, Rule rule, TraceFacts facts, long shifted)
      throws SQLException {
    Number allocId = (Number) row.getObject("alloc_id");
    // A rule that looks for the last allocator of a context may come to a trace before.
    boolean own = allocId != null && allocId.longValue() >>> SHIFT == shifted >>> SHIFT;
    boolean doubtful = own && facts.allocators().get(allocId.intValue() - 1).orderDoubt;
    return new Found(
        rule.id(),
        doubtful ? Severity.INFO : Severity.of(row.getString("severity")),
        !doubtful && row.getString("certainty").equals("certain"),
        shifted & 0xFFFF_FFFFL);
  }
}
