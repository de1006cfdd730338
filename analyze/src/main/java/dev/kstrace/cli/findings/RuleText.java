package dev.kstrace.cli.findings;

import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.RuleParameter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A rule explained: the same words on the screen, on the page of rules and in reports. */
public final class RuleText {
  private RuleText() {}

  /**
   * A piece of the explanation.
   *
   * @param title one or two words, in small letters
   * @param text one paragraph
   */
  public record Part(String title, String text) {}

  /** What, why, how to fix and where it is written; without the example. */
  public static List<Part> parts(Rule rule) {
    List<Part> parts = new ArrayList<>();
    parts.add(new Part("why", rule.why()));
    parts.add(new Part("fix", rule.fix()));
    String page = rule.page();
    parts.add(new Part("source", rule.source() + (page == null ? "" : "; " + page)));
    parts.add(new Part("limits", rule.limits()));
    parts.add(
        new Part("needs", rule.needs().isEmpty() ? "nothing" : String.join(", ", rule.needs())));
    for (RuleParameter parameter : rule.parameters()) {
      parts.add(new Part("parameter", parameter(rule, parameter)));
    }
    return parts;
  }

  private static String parameter(Rule rule, RuleParameter parameter) {
    String preset = parameter.preset().toPlainString();
    String value = parameter.value().toPlainString();
    @Nullable BigDecimal most = parameter.most();
    return rule.id()
        + "."
        + parameter.name()
        + " = "
        + value
        + " "
        + parameter.unit()
        + (value.equals(preset) ? "" : " (default " + preset + ")")
        + ", "
        + parameter.least().toPlainString()
        + (most == null ? " or more: " : " to " + most.toPlainString() + ": ")
        + parameter.meaning();
  }

  /**
   * All rules as a page of Markdown.
   *
   * @param example gives the trace in text form that shows a rule, or null
   */
  public static String page(List<Rule> rules, Function<Rule, @Nullable String> example) {
    StringBuilder page = new StringBuilder("# Rules\n\n");
    page.append(
        "What `kstrace rules show RULE` says, written by `RulesPageTest`. The examples are\n");
    page.append("traces in text form; `kstrace text EXAMPLE -o TRACE` makes a trace of one.\n\n");
    page.append("| rule | severity | basis |\n|---|---|---|\n");
    for (Rule rule : rules) {
      String id = rule.id();
      page.append("| [").append(id).append("](#").append(id).append(") | ");
      page.append(rule.severity().label()).append(" | ").append(rule.basis()).append(" |\n");
    }
    for (Rule rule : rules) {
      page.append("\n## ").append(rule.id()).append("\n\n");
      page.append(rule.severity().label()).append(", ").append(rule.basis()).append("\n\n");
      page.append(markdown(rule));
      String trace = example.apply(rule);
      if (trace != null) {
        page.append("**Example.**\n\n").append(Markdown.block(trace.lines().toList()));
      }
    }
    return page.toString();
  }

  /** The explanation as Markdown, without a heading. */
  public static String markdown(Rule rule) {
    StringBuilder text = new StringBuilder();
    for (Part part : parts(rule)) {
      String title = Character.toUpperCase(part.title().charAt(0)) + part.title().substring(1);
      text.append("**").append(title).append(".** ").append(Markdown.escape(part.text()));
      text.append("\n\n");
    }
    return text.toString();
  }
}
