package dev.kstrace.analyze;

import java.util.List;
import org.duckdb.DuckDBColumnType;

/**
 * A documented table: its name, its columns and what they mean. Immutable.
 *
 * @param name the name that SQL uses
 * @param doc one sentence: what one row is
 * @param columns in order
 */
record TableDef(String name, String doc, List<ColumnDef> columns) {
  /** SQL type of a column, with the form in which the table function hands it over. */
  enum SqlType {
    UBIGINT(DuckDBColumnType.UBIGINT),
    BIGINT(DuckDBColumnType.BIGINT),
    INTEGER(DuckDBColumnType.INTEGER),
    UTINYINT(DuckDBColumnType.UTINYINT),
    BOOLEAN(DuckDBColumnType.BOOLEAN),
    VARCHAR(DuckDBColumnType.VARCHAR),
    /** An operation's code, shown as its label. */
    OP(DuckDBColumnType.UTINYINT),
    /** A layer's code, shown as its label. */
    LAYER(DuckDBColumnType.UTINYINT),
    /** Code of {@link CallFacts.AllocatorState}, shown as its label. */
    ALLOCATOR_STATE(DuckDBColumnType.UTINYINT),
    /** Code of {@link CallFacts.FrameState}, shown as its label. */
    FRAME_STATE(DuckDBColumnType.UTINYINT);

    final DuckDBColumnType stored;

    SqlType(DuckDBColumnType stored) {
      this.stored = stored;
    }

    /** The type as SQL shows it. */
    String shown() {
      return Labels.of(this).isEmpty() ? name() : VARCHAR.name();
    }
  }

  /**
   * A documented column.
   *
   * @param doc meaning, unit, and what NULL says
   */
  record ColumnDef(String name, SqlType type, String doc) {}

  /** Index of a column; for code that fills the table. */
  int indexOf(String column) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(column)) {
        return i;
      }
    }
    throw new IllegalArgumentException("no column " + column + " in " + name);
  }
}
