package dev.kstrace.cli.export;

import dev.kstrace.analyze.Query;
import dev.kstrace.analyze.triage.Judging;
import dev.kstrace.cli.result.ResultFormat;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The documented tables: a file of one of them, or a folder with a file for each. */
public final class TablesExporter implements Exporter {
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_.-]+");

  private final ResultFormat format;
  private final @Nullable String only;

  /**
   * An exporter of tables.
   *
   * @param format what {@code query} calls it too: CSV, NDJSON or PARQUET
   * @param only the name of one table; null = all, in a folder
   * @throws IllegalExportException if there is no such table
   */
  public TablesExporter(ResultFormat format, @Nullable String only) {
    if (only != null && !Query.tableNames().contains(only)) {
      throw new IllegalExportException(
          "there is no table " + only + "; there are " + String.join(", ", Query.tableNames()));
    }
    this.format = format;
    this.only = only;
  }

  @Override
  public List<String> files() {
    return only != null ? List.of() : Query.tableNames().stream().map(this::fileName).toList();
  }

  private String fileName(String table) {
    return table + "." + format.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void write(Path trace, Judging judging, Path target, ReadProgress progress)
      throws IOException, SQLException {
    // No SQL of others runs here, so that the database may reach the files it is to write.
    try (Query query = Query.open(List.of(trace), judging, null, true, progress)) {
      if (only != null) {
        write(query, trace, only, target);
        return;
      }
      for (String table : Query.tableNames()) {
        write(query, trace, table, target.resolve(fileName(table)));
      }
    }
  }

  private void write(Query query, Path trace, String table, Path file)
      throws IOException, SQLException {
    String sql = "FROM " + table;
    if (format == ResultFormat.PARQUET) {
      query.writeParquet(sql, Map.of(), file, metadata(trace, table));
    } else {
      OutputStreams.write(
          file, out -> query.run(sql, Map.of(), result -> format.write(result, out)));
    }
  }

  /**
   * The trace's metadata for a Parquet file. Keys of others that the database would not take are
   * left out; the table {@code metadata} has them all.
   */
  private static Map<String, String> metadata(Path trace, String table) throws IOException {
    Map<String, String> metadata = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    try (TraceReader reader = TraceReader.open(trace)) {
      reader
          .metadata()
          .values()
          .forEach(
              (key, value) -> {
                if (KEY.matcher(key).matches() && value.indexOf('\0') < 0) {
                  metadata.putIfAbsent(key, value);
                }
              });
    }
    metadata.put("kstrace.table", table);
    return metadata;
  }
}
