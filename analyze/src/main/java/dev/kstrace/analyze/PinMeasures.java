package dev.kstrace.analyze;

import dev.kstrace.traces.ReadProgress;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What of a trace is compared with another one, for each pin by its name: counts, the peak of
 * outstanding frames, how long frames were held and calls took.
 */
public final class PinMeasures {
  /** A number of a pin. Names are columns of the statements below. */
  public enum Quantity {
    ALLOCATORS,
    ALLOCATES,
    FAILED_ALLOCATES,
    PEAK_OUTSTANDING,
    LIFETIME_P50,
    LIFETIME_P95,
    LIFETIME_P99,
    LIFETIME_MAX,
    ALLOCATE_P50,
    ALLOCATE_P95,
    ALLOCATE_P99,
    ALLOCATE_MAX,
    FREE_P50,
    FREE_P95,
    FREE_P99,
    FREE_MAX;

    /** Whether it is a duration, in ns; else it is a count. */
    public boolean isDuration() {
      return compareTo(LIFETIME_P50) >= 0;
    }

    /** Its name for people and programs, such as {@code lifetime_p50}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final String PIN =
      "coalesce(p.name, 'pin type ' || p.factory_id, 'a pin without a name') AS pin";

  private static final List<String> STATEMENTS =
      List.of(
          "SELECT "
              + PIN
              + """
              , count(*) FILTER (a.created) AS allocators, sum(a.allocates) AS allocates,
                sum(a.failed_allocates) AS failed_allocates, max(a.peak_live) AS peak_outstanding
              FROM allocators a LEFT JOIN pins p ON p.pin_id = a.pin_id GROUP BY ALL""",
          "SELECT "
              + PIN
              + percentiles("lifetime", "f.held_ns", "f.state = 'freed'")
              + " FROM frames f LEFT JOIN pins p ON p.pin_id = f.pin_id"
              + " WHERE f.layer = 'callback' GROUP BY ALL",
          "SELECT "
              + PIN
              + percentiles("allocate", "c.duration_ns", "c.op = 'allocate'")
              + percentiles("free", "c.duration_ns", "c.op = 'free'")
              + " FROM calls c LEFT JOIN pins p ON p.pin_id = c.pin_id"
              + " WHERE c.layer = 'callback' GROUP BY ALL");

  private PinMeasures() {}

  private static String percentiles(String name, String column, String condition) {
    StringBuilder sql = new StringBuilder();
    for (int percent : new int[] {50, 95, 99}) {
      sql.append(", quantile_disc(").append(column).append(", ").append(percent / 100.0);
      sql.append(") FILTER (").append(condition).append(") AS ");
      sql.append(name).append("_p").append(percent);
    }
    sql.append(", max(").append(column).append(") FILTER (").append(condition).append(") AS ");
    return sql.append(name).append("_max").toString();
  }

  /**
   * Measures a trace.
   *
   * @param progress told how far the latest reading of it is
   * @return by pin and quantity; a quantity that the trace does not know is not there
   */
  public static SortedMap<String, SortedMap<Quantity, Long>> of(
      TraceFacts facts, ReadProgress progress) throws SQLException {
    SortedMap<String, SortedMap<Quantity, Long>> measures = new TreeMap<>();
    try (TraceDatabase database = TraceDatabase.open()) {
      database.attachSources(
          List.of(TraceSource.of(facts, progress)),
          List.of(Tables.ALLOCATORS, Tables.FRAMES, Tables.CALLS, Tables.PINS));
      for (String sql : STATEMENTS) {
        try (Statement statement = database.statement();
            ResultSet row = statement.executeQuery(sql)) {
          while (row.next()) {
            read(row, measures.computeIfAbsent(row.getString("pin"), key -> new TreeMap<>()));
          }
        }
      }
    }
    return measures;
  }

  private static void read(ResultSet row, Map<Quantity, Long> measures) throws SQLException {
    for (int i = 2; i <= row.getMetaData().getColumnCount(); i++) {
      String column = row.getMetaData().getColumnLabel(i).toUpperCase(Locale.ROOT);
      long value = row.getLong(i);
      if (!row.wasNull()) {
        measures.put(Quantity.valueOf(column), value);
      }
    }
  }
}
