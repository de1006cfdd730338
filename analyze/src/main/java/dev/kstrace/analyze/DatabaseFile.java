package dev.kstrace.analyze;

import java.nio.file.Path;

/** The statements that write the documented tables and functions into a DuckDB file. */
final class DatabaseFile {
  private static final String NAME = "kstrace_export";

  private DatabaseFile() {}

  /**
   * Statements for a connection to which traces are attached.
   *
   * @param file does not exist yet
   */
  static String script(Path file) {
    StringBuilder sql = new StringBuilder();
    sql.append("ATTACH ").append(TraceDatabase.quote(file.toString())).append(" AS ");
    sql.append(NAME).append(" (TYPE duckdb, STORAGE_VERSION 'v1.2.0');\n");
    for (TableDef table : Tables.QUERIED) {
      String name = NAME + ".main." + table.name();
      sql.append("CREATE TABLE ").append(name);
      sql.append(" AS SELECT * FROM memory.main.").append(table.name()).append(";\n");
      sql.append("COMMENT ON TABLE ").append(name);
      sql.append(" IS ").append(TraceDatabase.quote(table.doc())).append(";\n");
      for (TableDef.ColumnDef column : table.columns()) {
        sql.append("COMMENT ON COLUMN ").append(name).append('.').append(column.name());
        sql.append(" IS ").append(TraceDatabase.quote(column.doc())).append(";\n");
      }
    }
    sql.append("USE ").append(NAME).append(";\n").append(Macros.all());
    return sql.append("USE memory;\nDETACH ").append(NAME).append(";\n").toString();
  }
}
