package dev.kstrace.cli.result;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.analyze.TraceDatabase;
import dev.kstrace.cli.text.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Struct;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Objects, one a row: an indented array, or one object a line. Numbers of 64 bits and more are
 * strings, since many readers of JSON would round them. Of two columns with one name the second is
 * renamed.
 */
final class JsonResult {
  private final ResultColumns columns;
  private final String[] keys;
  private final JsonGenerator json;

  private JsonResult(ResultColumns columns, JsonGenerator json) {
    this.columns = columns;
    this.json = json;
    this.keys = new String[columns.count()];
    Set<String> taken = new HashSet<>();
    for (int i = 0; i < keys.length; i++) {
      String key = columns.name(i);
      for (int suffix = 1; !taken.add(key); suffix++) {
        key = columns.name(i) + "_" + suffix;
      }
      keys[i] = key;
    }
  }

  static void write(ResultSet result, PrintStream out, boolean lines)
      throws SQLException, IOException {
    ResultColumns columns = new ResultColumns(result, out);
    try (JsonGenerator json = lines ? Json.lines(out) : Json.indented(out)) {
      JsonResult writer = new JsonResult(columns, json);
      if (lines) {
        while (columns.next()) {
          writer.row();
          json.writeRaw('\n');
        }
      } else {
        json.writeStartArray();
        while (columns.next()) {
          writer.row();
        }
        json.writeEndArray();
        json.writeRaw('\n');
      }
    }
  }

  private void row() throws SQLException, IOException {
    json.writeStartObject();
    for (int i = 0; i < keys.length; i++) {
      json.writeFieldName(keys[i]);
      write(columns.structured(i));
    }
    json.writeEndObject();
  }

  private void write(@Nullable Object value) throws IOException, SQLException {
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
        write(element);
      }
      json.writeEndArray();
    } else if (value instanceof Array array) {
      write(ResultColumns.elements(array));
    } else if (value instanceof Struct struct) {
      write(TraceDatabase.fields(struct));
    } else if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        json.writeFieldName(String.valueOf(entry.getKey()));
        write(entry.getValue());
      }
      json.writeEndObject();
    } else {
      json.writeString(value.toString());
    }
  }
}
