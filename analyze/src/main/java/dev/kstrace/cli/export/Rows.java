package dev.kstrace.cli.export;

import dev.kstrace.analyze.Query;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rows of the documented tables, one after the other. Not thread-safe. */
final class Rows {
  private final Query query;

  Rows(Query query) {
    this.query = query;
  }

  /** Takes one row. */
  @FunctionalInterface
  interface Receiver {
    void accept(Row row) throws SQLException, IOException;
  }

  /** The row where a scan is; columns are counted from 1. */
  static final class Row {
    private final ResultSet result;

    private Row(ResultSet result) {
      this.result = result;
    }

    /** A number, unsigned ones bit for bit; null is NULL. */
    @Nullable Long number(int column) throws SQLException {
      Object value = result.getObject(column);
      return value == null ? null : Long.valueOf(((Number) value).longValue());
    }

    /** A number that is never NULL. */
    long known(int column) throws SQLException {
      Long value = number(column);
      return value == null ? 0 : value;
    }

    /** A text; null is NULL. */
    @Nullable String text(int column) throws SQLException {
      return result.getString(column);
    }
  }

  /** Hands over every row of a query. */
  void each(String sql, Receiver receiver) throws SQLException, IOException {
    query.run(
        sql,
        Map.of(),
        result -> {
          Row row = new Row(result);
          while (result.next()) {
            receiver.accept(row);
          }
        });
  }
}
