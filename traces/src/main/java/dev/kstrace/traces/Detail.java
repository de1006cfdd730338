package dev.kstrace.traces;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The particulars of a context event: a JSON object. Immutable.
 *
 * <p>Reading is forgiving, since a producer may put anything there: of arrays only the objects in
 * them are kept, and a text that is no JSON object reads as an empty detail.
 */
public final class Detail {
  private static final JsonFactory JSON = new JsonFactory();
  private static final Detail EMPTY = new Detail(Map.of());

  private final Map<String, Object> values;

  private Detail(Map<String, Object> values) {
    this.values = values;
  }

  /** Starts a detail. */
  public static Builder builder() {
    return new Builder();
  }

  /** The detail of a JSON text; null or malformed text reads as one without keys. */
  public static Detail parse(@Nullable String json) {
    if (json == null || json.isEmpty()) {
      return EMPTY;
    }
    try (JsonParser parser = JSON.createParser(json)) {
      return parser.nextToken() == JsonToken.START_OBJECT ? object(parser) : EMPTY;
    } catch (IOException e) {
      return EMPTY;
    }
  }

  /** Reads on behind the opening brace; the parser itself refuses a depth beyond reason. */
  private static Detail object(JsonParser parser) throws IOException {
    Map<String, Object> values = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      switch (parser.nextToken()) {
        case VALUE_STRING -> values.put(key, parser.getText());
        case VALUE_TRUE -> values.put(key, true);
        case VALUE_FALSE -> values.put(key, false);
        case VALUE_NUMBER_INT -> {
          if (parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            values.put(key, parser.getLongValue());
          }
        }
        case START_OBJECT -> values.put(key, object(parser));
        case START_ARRAY -> values.put(key, array(parser));
        default -> {}
      }
    }
    return new Detail(Collections.unmodifiableMap(values));
  }

  private static List<Detail> array(JsonParser parser) throws IOException {
    List<Detail> objects = new ArrayList<>();
    for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; ) {
      if (next == null) {
        throw new EOFException("the array has no end");
      }
      if (next == JsonToken.START_OBJECT) {
        objects.add(object(parser));
      } else {
        parser.skipChildren();
      }
      next = parser.nextToken();
    }
    return List.copyOf(objects);
  }

  /** The text of a key, or null where it is absent or no string. */
  public @Nullable String text(String key) {
    return values.get(key) instanceof String text ? text : null;
  }

  /** The whole number of a key, or null where it is absent or no 64-bit whole number. */
  public @Nullable Long number(String key) {
    return values.get(key) instanceof Long number ? number : null;
  }

  /** The boolean of a key, or null where it is absent or no boolean. */
  public @Nullable Boolean flag(String key) {
    return values.get(key) instanceof Boolean flag ? flag : null;
  }

  /** The object of a key, or null where it is absent or no object. */
  public @Nullable Detail object(String key) {
    return values.get(key) instanceof Detail object ? object : null;
  }

  /** The objects in the array of a key, or null where it is absent or no array. */
  @SuppressWarnings("unchecked") // the only kind of list that is ever put
  public @Nullable List<Detail> objects(String key) {
    return values.get(key) instanceof List<?> list ? (List<Detail>) list : null;
  }

  /** The JSON text, keys in the order in which they were put. */
  public String toJson() {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = JSON.createGenerator(text)) {
      write(generator);
    } catch (IOException e) {
      throw new UncheckedIOException("a string cannot fail to be written", e);
    }
    return text.toString();
  }

  private void write(JsonGenerator generator) throws IOException {
    generator.writeStartObject();
    for (Map.Entry<String, Object> entry : values.entrySet()) {
      generator.writeFieldName(entry.getKey());
      Object value = entry.getValue();
      if (value instanceof Long number) {
        generator.writeNumber(number);
      } else if (value instanceof Boolean flag) {
        generator.writeBoolean(flag);
      } else if (value instanceof Detail object) {
        object.write(generator);
      } else if (value instanceof List<?> objects) {
        generator.writeStartArray();
        for (Object object : objects) {
          ((Detail) object).write(generator);
        }
        generator.writeEndArray();
      } else {
        generator.writeString((String) value);
      }
    }
    generator.writeEndObject();
  }

  /** Collects a detail. Not thread-safe. */
  public static final class Builder {
    private final Map<String, Object> values = new LinkedHashMap<>();

    private Builder() {}

    /** Sets a text. */
    public Builder put(String key, String value) {
      values.put(key, value);
      return this;
    }

    /** Sets a whole number. */
    public Builder put(String key, long value) {
      values.put(key, value);
      return this;
    }

    /** Sets a boolean. */
    public Builder put(String key, boolean value) {
      values.put(key, value);
      return this;
    }

    /** Sets an object. */
    public Builder put(String key, Detail value) {
      values.put(key, value);
      return this;
    }

    /** Sets an array of objects. */
    public Builder put(String key, List<Detail> value) {
      values.put(key, List.copyOf(value));
      return this;
    }

    /** The detail. */
    public Detail build() {
      return new Detail(Collections.unmodifiableMap(new LinkedHashMap<>(values)));
    }
  }
}
