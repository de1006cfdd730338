package dev.kstrace.traces;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The particulars of a context event: a flat JSON object. Immutable.
 *
 * <p>Reading is forgiving, since a producer may put anything there: nested values are skipped, and
 * a text that is no JSON object reads as an empty detail.
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

  /** The detail of a JSON text; null, malformed or nested content reads as absent keys. */
  public static Detail parse(@Nullable String json) {
    if (json == null || json.isEmpty()) {
      return EMPTY;
    }
    Map<String, Object> values = new LinkedHashMap<>();
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return EMPTY;
      }
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
          case START_OBJECT, START_ARRAY -> parser.skipChildren();
          default -> {}
        }
      }
    } catch (IOException e) {
      return EMPTY;
    }
    return new Detail(Collections.unmodifiableMap(values));
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

  /** The JSON text, keys in the order in which they were put. */
  public String toJson() {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = JSON.createGenerator(text)) {
      generator.writeStartObject();
      for (Map.Entry<String, Object> entry : values.entrySet()) {
        generator.writeFieldName(entry.getKey());
        if (entry.getValue() instanceof Long number) {
          generator.writeNumber(number);
        } else if (entry.getValue() instanceof Boolean flag) {
          generator.writeBoolean(flag);
        } else {
          generator.writeString((String) entry.getValue());
        }
      }
      generator.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a string cannot fail to be written", e);
    }
    return text.toString();
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

    /** The detail. */
    public Detail build() {
      return new Detail(Collections.unmodifiableMap(new LinkedHashMap<>(values)));
    }
  }
}
