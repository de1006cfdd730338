package dev.kstrace.analyze;

import dev.kstrace.analyze.Verdict.Failed;
import dev.kstrace.analyze.Verdict.NotApplicable;
import java.io.IOException;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs rules over a trace that is attached to a database. */
public final class Judge {
  private static final String DEVICE = "kstrace.device";

  /** To copy a small table takes as long as to read it from here as often. */
  private static final int MANY_READERS = 8;

  /** How the database tells that a statement was stopped. */
  private static final String INTERRUPTED = "INTERRUPT";

  private static final Comparator<Finding> ORDER =
      Comparator.<Finding>comparingLong(finding -> finding.seq() + Long.MIN_VALUE)
          .thenComparing(Finding::rule)
          .thenComparing(Finding::message);

  private Judge() {}

  /**
   * Judges one trace by rules that cannot reach files; the database is started only where a rule
   * has something to look at.
   *
   * @throws SQLException if the statement of a built-in rule fails
   * @throws IOException if the file has to be read again and cannot be
   */
  public static Verdict judge(TraceFacts facts, List<Rule> rules) throws SQLException, IOException {
    return judge(facts, rules, RuleLimits.DEFAULT);
  }

  /**
   * As {@link #judge(TraceFacts, List)}.
   *
   * @param limits what the user's rules may do
   */
  public static Verdict judge(TraceFacts facts, List<Rule> rules, RuleLimits limits)
      throws SQLException, IOException {
    List<Rule> toRun = toRun(facts, rules);
    if (toRun.isEmpty()) {
      return new Verdict(facts, List.of(), notApplicable(facts, rules), List.of());
    }
    try (TraceDatabase database = database(limits)) {
      return judge(database, facts, rules, limits);
    }
  }

  private static TraceDatabase database(RuleLimits limits) throws SQLException {
    TraceDatabase ready = limits.allowIo() ? null : ReadyDatabase.take();
    return ready == null ? TraceDatabase.open(limits.allowIo()) : ready;
  }

  /** As {@link #judge(TraceDatabase, TraceFacts, List, RuleLimits)}. */
  static Verdict judge(TraceDatabase database, TraceFacts facts, List<Rule> rules)
      throws SQLException, IOException {
    return judge(database, facts, rules, RuleLimits.DEFAULT);
  }

  /**
   * Judges one trace in a database of the caller's.
   *
   * @param database the rules' tables are made in it, and replace those of a trace before
   */
  static Verdict judge(
      TraceDatabase database, TraceFacts facts, List<Rule> rules, RuleLimits limits)
      throws SQLException, IOException {
    List<Failed> failed = new ArrayList<>();
    List<Finding> findings = findings(database, facts, toRun(facts, rules), limits, failed);
    return new Verdict(
        facts,
        List.copyOf(Marks.of(facts).name(findings)),
        notApplicable(facts, rules),
        List.copyOf(failed));
  }

  /** What some rules find, in the order of {@code seq}; {@code failed} gets those that cannot. */
  static List<Finding> findings(
      TraceDatabase database,
      TraceFacts facts,
      List<Rule> toRun,
      RuleLimits limits,
      List<Failed> failed)
      throws SQLException {
    Map<String, Integer> readers = new LinkedHashMap<>();
    toRun.forEach(rule -> rule.reads().forEach(table -> readers.merge(table, 1, Integer::sum)));
    database.attach(List.of(facts), readers.keySet().stream().map(Tables::named).toList());
    database.keep(
        readers.entrySet().stream()
            .filter(reader -> reader.getValue() > MANY_READERS && facts.isSmall(reader.getKey()))
            .map(reader -> Tables.named(reader.getKey()))
            .toList());
    List<Finding> findings = new ArrayList<>();
    for (Rule rule : toRun) {
      try {
        findings.addAll(run(database, facts, rule, rule.file() == null ? 0 : limits.seconds()));
      } catch (SQLException e) {
        if (rule.file() == null) {
          throw new SQLException("rule " + rule.id() + ": " + e.getMessage(), e);
        }
        failed.add(new Failed(rule, reason(e, limits)));
      }
    }
    findings.sort(ORDER);
    return findings;
  }

  /** Whether no rule has a row to look at: the verdict then needs no database. */
  static boolean hasNothingToLookAt(TraceFacts facts, List<Rule> rules) {
    return toRun(facts, rules).isEmpty();
  }

  /** The rules that apply, without those that are sure to find nothing. */
  static List<Rule> toRun(TraceFacts facts, List<Rule> rules) {
    SmallRows rows = new SmallRows(facts);
    return rules.stream()
        .filter(
            rule ->
                rule.missing(facts).isEmpty()
                    && isDriven(rule, rows)
                    && RuleGate.of(rule).isOpen(rows))
        .toList();
  }

  /** That a rule of the user's finds nothing in empty tables is only what its statement says. */
  private static boolean isDriven(Rule rule, SmallRows rows) {
    return rule.file() != null || rule.driving().stream().anyMatch(table -> !rows.isEmpty(table));
  }

  private static List<NotApplicable> notApplicable(TraceFacts facts, List<Rule> rules) {
    List<NotApplicable> result = new ArrayList<>();
    for (Rule rule : rules) {
      List<String> missing = rule.missing(facts);
      if (!missing.isEmpty()) {
        result.add(new NotApplicable(rule.id(), String.join(", ", missing)));
      }
    }
    return List.copyOf(result);
  }

  private static String reason(SQLException e, RuleLimits limits) {
    boolean stopped = String.valueOf(e.getMessage()).startsWith(INTERRUPTED);
    return stopped && limits.seconds() > 0
        ? "it did not end within "
            + limits.seconds()
            + " s and was stopped; make it read less, or give it longer (--rule-timeout)"
        : RuleCheck.reason(e);
  }

  /** Runs a rule for so many seconds at most; 0 = as long as it wants. */
  private static List<Finding> run(TraceDatabase database, TraceFacts facts, Rule rule, int seconds)
      throws SQLException {
    List<Finding> findings = new ArrayList<>();
    try (Statement statement = database.statement()) {
      statement.setQueryTimeout(seconds);
      try (ResultSet row = statement.executeQuery(rule.sql())) {
        while (row.next()) {
          findings.add(finding(row, facts, rule));
        }
      }
    }
    return findings;
  }

  private static Finding finding(ResultSet row, TraceFacts facts, Rule rule) throws SQLException {
    Long allocId = number(row, "alloc_id");
    List<Allocator> allocators = facts.allocators();
    if (allocId != null && (allocId < 1 || allocId > allocators.size())) {
      throw new SQLException("it gives alloc_id=" + allocId + ", which allocators does not have");
    }
    Allocator allocator = allocId == null ? null : allocators.get(Math.toIntExact(allocId - 1));
    Severity severity = Severity.of(row.getString("severity"));
    if (severity == null) {
      throw new SQLException(
          "it gives severity=" + row.getString("severity") + ", expected error, warning or info");
    }
    boolean certain = "certain".equals(row.getString("certainty"));
    if (!certain && !"possible".equals(row.getString("certainty"))) {
      throw new SQLException(
          "it gives certainty=" + row.getString("certainty") + ", expected certain or possible");
    }
    String message = row.getString("message");
    if (allocator != null && allocator.orderDoubt) {
      severity = Severity.INFO;
      certain = false;
    }
    Long seq = number(row, "seq");
    if (seq == null || message == null) {
      throw new SQLException("it gives a NULL for " + (seq == null ? "seq" : "message"));
    }
    Long pin = number(row, "pin");
    return new Finding(
        rule.id(),
        severity,
        certain,
        seq,
        related(row.getArray("related_seqs")),
        pin,
        number(row, "context"),
        number(row, "frame"),
        allocId,
        message,
        Fingerprint.of(
            rule.id(),
            row.getString("site"),
            allocator,
            pin == null ? null : facts.pinAt(pin, seq),
            facts.metadata().get(DEVICE)),
        null);
  }

  private static @Nullable Long number(ResultSet row, String column) throws SQLException {
    Object value = row.getObject(column);
    return value == null ? null : ((Number) value).longValue();
  }

  private static List<Long> related(@Nullable Array array) throws SQLException {
    List<Long> seqs = new ArrayList<>();
    if (array != null) {
      for (Object seq : (Object[]) array.getArray()) {
        if (seq != null) {
          seqs.add(((Number) seq).longValue());
        }
      }
    }
    return List.copyOf(seqs);
  }
}
