package dev.kstrace.cli.result;

import dev.kstrace.traces.Escapes;
import dev.kstrace.traces.Hex;
import java.io.PrintStream;
import java.sql.Array;
import java.sql.Blob;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Names, types and values of a result's columns. Not thread-safe. */
final class ResultColumns {
  private static final Set<String> ADDRESSES = Set.of("pin", "context", "frame", "base_frame");
  private static final int ROWS_BETWEEN_LOOKS = 1024;

  private final ResultSet result;
  private final PrintStream out;
  private final List<String> names = new ArrayList<>();
  private final List<Boolean> numeric = new ArrayList<>();
  private final List<Boolean> address = new ArrayList<>();
  private int rows;

  ResultColumns(ResultSet result, PrintStream out) throws SQLException {
    this.result = result;
    this.out = out;
    ResultSetMetaData metadata = result.getMetaData();
    for (int i = 1; i <= metadata.getColumnCount(); i++) {
      String type = metadata.getColumnTypeName(i);
      String name = metadata.getColumnLabel(i);
      names.add(name);
      address.add(type.equals("UBIGINT") && ADDRESSES.contains(name));
      numeric.add(type.matches("U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DOUBLE|FLOAT|DEC.*"));
    }
  }

  /** Moves to the next row; false at the end, or where nobody reads what is written. */
  boolean next() throws SQLException {
    rows++;
    return !(rows % ROWS_BETWEEN_LOOKS == 0 && out.checkError()) && result.next();
  }

  int count() {
    return names.size();
  }

  /** A column's name as the query gave it, which may be anything. */
  String name(int index) {
    return names.get(index);
  }

  /** Whether a column holds numbers, addresses included. */
  boolean isNumeric(int index) {
    return numeric.get(index);
  }

  /** The value of the current row: Number, Boolean or anything with a text; a list is a text. */
  @Nullable Object value(int index) throws SQLException {
    Object value = result.getObject(index + 1);
    if (value != null && address.get(index)) {
      return Hex.of(((Number) value).longValue());
    }
    if (value instanceof Blob blob) {
      return HexFormat.of().formatHex(blob.getBytes(1, Math.toIntExact(blob.length())));
    }
    if (value instanceof Array array) {
      return Arrays.deepToString(elements(array));
    }
    return value;
  }

  /** As {@link #value}, but lists, structs and maps stay what they are. */
  @Nullable Object structured(int index) throws SQLException {
    Object value = result.getObject(index + 1);
    if (value instanceof Array array) {
      return elements(array);
    }
    return value instanceof java.sql.Struct || value instanceof java.util.Map
        ? value
        : value(index);
  }

  /** The elements of a list; inner lists become arrays too. */
  static @Nullable Object[] elements(Array array) throws SQLException {
    @Nullable Object[] elements = ((Object[]) array.getArray()).clone();
    for (int i = 0; i < elements.length; i++) {
      if (elements[i] instanceof Array inner) {
        elements[i] = elements(inner);
      }
    }
    return elements;
  }

  /** The value of the current row on one line, safe to show on a terminal; NULL is empty. */
  String shown(int index) throws SQLException {
    Object value = value(index);
    return value == null ? "" : Escapes.escape(value.toString());
  }
}
