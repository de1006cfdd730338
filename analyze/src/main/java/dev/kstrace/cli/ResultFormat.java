package dev.kstrace.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.cli.text.Json;
import dev.kstrace.traces.Escapes;
import dev.kstrace.traces.Hex;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How the rows of a query are printed.
 *
 * <p>Columns named {@code pin}, {@code context}, {@code frame} or {@code base_frame} that hold
 * unsigned 64-bit numbers are addresses and print as 0x-hex everywhere.
 */
enum ResultFormat {
  /** Aligned columns for people. */
  TABLE {
    @Override
    void print(ResultSet result, PrintStream out) throws SQLException {
      Columns columns = new Columns(result.getMetaData());
      List<String[]> head = new ArrayList<>();
      // PIVOT makes names of data.
      String[] names = columns.names.stream().map(Escapes::escape).toArray(String[]::new);
      int[] widths = Arrays.stream(names).mapToInt(String::length).toArray();
      boolean more = result.next();
      while (more && head.size() < ROWS_MEASURED) {
        String[] row = columns.texts(result);
        for (int i = 0; i < widths.length; i++) {
          widths[i] = Math.max(widths[i], row[i].length());
        }
        head.add(row);
        more = result.next();
      }
      out.println(columns.line(names, widths));
      out.println(Arrays.stream(widths).mapToObj("-"::repeat).collect(Collectors.joining("  ")));
      head.forEach(row -> out.println(columns.line(row, widths)));
      while (more) {
        out.println(columns.line(columns.texts(result), widths));
        more = result.next();
      }
    }
  },

  /** RFC 4180; texts are always quoted, NULL is empty. */
  CSV {
    @Override
    void print(ResultSet result, PrintStream out) throws SQLException {
      Columns columns = new Columns(result.getMetaData());
      out.print(columns.names.stream().map(ResultFormat::quoted).collect(Collectors.joining(",")));
      out.print("\r\n");
      while (result.next()) {
        for (int i = 0; i < columns.count(); i++) {
          Object value = columns.value(result, i);
          out.print(i == 0 ? "" : ",");
          if (value != null) {
            boolean plain = value instanceof Number || value instanceof Boolean;
            out.print(plain ? value.toString() : quoted(value.toString()));
          }
        }
        out.print("\r\n");
      }
    }
  },

  /** An array of objects; 64-bit and larger numbers are strings. */
  JSON {
    @Override
    void print(ResultSet result, PrintStream out) throws SQLException, IOException {
      Columns columns = new Columns(result.getMetaData());
      JsonGenerator json = Json.indented(out);
      json.writeStartArray();
      while (result.next()) {
        json.writeStartObject();
        for (int i = 0; i < columns.count(); i++) {
          json.writeFieldName(columns.names.get(i));
          write(json, columns.json(result, i));
        }
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeRaw('\n');
      json.close();
    }
  };

  private static final int ROWS_MEASURED = 1000;
  private static final Set<String> ADDRESSES = Set.of("pin", "context", "frame", "base_frame");

  /** Prints a result to its end. */
  abstract void print(ResultSet result, PrintStream out) throws SQLException, IOException;

  private static String quoted(String text) {
    return '"' + text.replace("\"", "\"\"") + '"';
  }

  private static void write(JsonGenerator json, @Nullable Object value) throws IOException {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value instanceof Double number) {
      json.writeNumber(number);
    } else if (value instanceof Float number) {
      json.writeNumber(number);
    } else if (value instanceof BigDecimal number) {
      json.writeNumber(number);
    } else if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      json.writeNumber(((Number) value).intValue());
    } else if (value instanceof Object[] elements) {
      json.writeStartArray();
      for (Object element : elements) {
        write(json, element);
      }
      json.writeEndArray();
    } else {
      json.writeString(value.toString());
    }
  }

  /** Names and types of a result's columns. */
  private static final class Columns {
    final List<String> names = new ArrayList<>();
    private final List<Boolean> numeric = new ArrayList<>();
    private final List<Boolean> address = new ArrayList<>();

    Columns(ResultSetMetaData metadata) throws SQLException {
      for (int i = 1; i <= metadata.getColumnCount(); i++) {
        String type = metadata.getColumnTypeName(i);
        String name = metadata.getColumnLabel(i);
        names.add(name);
        address.add(type.equals("UBIGINT") && ADDRESSES.contains(name));
        numeric.add(type.matches("U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DOUBLE|FLOAT|DEC.*"));
      }
    }

    int count() {
      return names.size();
    }

    @Nullable Object value(ResultSet result, int index) throws SQLException {
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

    /** As {@link #value}, but a list stays one. */
    @Nullable Object json(ResultSet result, int index) throws SQLException {
      Object value = result.getObject(index + 1);
      return value instanceof Array array ? elements(array) : value(result, index);
    }

    private static @Nullable Object[] elements(Array array) throws SQLException {
      @Nullable Object[] elements = ((Object[]) array.getArray()).clone();
      for (int i = 0; i < elements.length; i++) {
        if (elements[i] instanceof Array inner) {
          elements[i] = elements(inner);
        }
      }
      return elements;
    }

    /** The values of the current row, safe to print on a terminal. */
    String[] texts(ResultSet result) throws SQLException {
      String[] texts = new String[count()];
      for (int i = 0; i < texts.length; i++) {
        Object value = value(result, i);
        texts[i] = value == null ? "" : Escapes.escape(value.toString());
      }
      return texts;
    }

    String line(String[] texts, int[] widths) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < texts.length; i++) {
        String padding = " ".repeat(Math.max(0, widths[i] - texts[i].length()));
        line.append(i == 0 ? "" : "  ");
        line.append(numeric.get(i) ? padding + texts[i] : texts[i] + padding);
      }
      return line.toString().stripTrailing();
    }
  }
}
