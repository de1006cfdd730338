package dev.kstrace.cli.findings;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.Severity;
import dev.kstrace.traces.Escapes;
import java.io.IOException;
import java.util.stream.Collectors;

/** The tool and its rules in SARIF, and how SARIF writes messages. */
final class SarifTool {
  private final JsonGenerator json;

  SarifTool(JsonGenerator json) {
    this.json = json;
  }

  /** Writes the field {@code tool}. */
  void write(Setting setting) throws IOException {
    json.writeObjectFieldStart("tool");
    json.writeObjectFieldStart("driver");
    json.writeStringField("name", "kstrace");
    json.writeStringField("fullName", setting.tool());
    json.writeArrayFieldStart("rules");
    for (Rule rule : setting.rules()) {
      write(rule);
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndObject();
  }

  private void write(Rule rule) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", rule.id());
    json.writeFieldName("shortDescription");
    message(json, rule.id().replace('-', ' '));
    json.writeFieldName("fullDescription");
    message(json, rule.why());
    String page = rule.page();
    if (page != null) {
      json.writeStringField("helpUri", page);
    }
    json.writeObjectFieldStart("help");
    json.writeStringField(
        "text",
        RuleText.parts(rule).stream()
            .map(part -> escaped(part.title() + ": " + part.text()))
            .collect(Collectors.joining("\n\n")));
    json.writeStringField("markdown", braces(RuleText.markdown(rule)));
    json.writeEndObject();
    json.writeObjectFieldStart("defaultConfiguration");
    json.writeStringField("level", level(rule.severity()));
    json.writeEndObject();
    json.writeObjectFieldStart("properties");
    json.writeStringField("basis", rule.basis());
    json.writeEndObject();
    json.writeEndObject();
  }

  /** The level of a severity. */
  static String level(Severity severity) {
    return severity == Severity.INFO ? "note" : severity.label();
  }

  /** Writes a message that may hold anything from a trace. */
  static void message(JsonGenerator json, String text) throws IOException {
    described(json, plain(text));
  }

  /** Writes a message whose characters are harmless already. */
  static void described(JsonGenerator json, String text) throws IOException {
    json.writeStartObject();
    json.writeStringField("text", escaped(text));
    json.writeEndObject();
  }

  /** A text of a trace without what it might do to a viewer. */
  static String plain(String text) {
    return Escapes.escape(text);
  }

  /** In a message braces are placeholders, and brackets before parentheses are links. */
  private static String escaped(String text) {
    String safe = braces(text);
    return safe.contains("](") ? safe.replace("[", "\\[").replace("]", "\\]") : safe;
  }

  private static String braces(String text) {
    return text.replace("{", "{{").replace("}", "}}");
  }
}
