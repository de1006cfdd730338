package dev.kstrace.cli;

import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.RulePack;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code kstrace rules}: the rule pack as documentation. */
@Command(name = "rules", description = "List the rules, or explain one.")
final class RulesCommand extends CommonOptions implements Runnable {
  private final Console console;

  RulesCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    throw UserError.usage("list or show? see kstrace rules --help");
  }

  /** {@code kstrace rules list}. */
  @Command(name = "list", description = "List the rules with their severity.")
  void list(@Mixin CommonOptions options) {
    for (Rule rule : RulePack.builtIn()) {
      console
          .out()
          .println(
              String.format(
                  Locale.ROOT, "%-36s %-8s %s", rule.id(), rule.severity().label(), rule.basis()));
    }
  }

  /** {@code kstrace rules show ID}. */
  @Command(
      name = "show",
      description = "Explain a rule: what, why, how to fix, where it is written.",
      footer = {"", "Example: kstrace rules show double-free"})
  void show(@Mixin CommonOptions options, @Parameters(paramLabel = "ID", arity = "1") String id) {
    Rule rule = find(id, RulePack.builtIn());
    PrintStream out = console.out();
    out.println(rule.id() + " (" + rule.severity().label() + ", " + rule.basis() + ")");
    paragraph(out, "why", rule.why());
    paragraph(out, "fix", rule.fix());
    paragraph(out, "source", rule.source());
    paragraph(out, "limits", rule.limits());
    paragraph(out, "needs", rule.needs().isEmpty() ? "nothing" : String.join(", ", rule.needs()));
    out.println();
    out.println(rule.sql());
  }

  /** The rule of an id, or a message with the nearest one. */
  static Rule find(String id, List<Rule> rules) {
    for (Rule rule : rules) {
      if (rule.id().equals(id)) {
        return rule;
      }
    }
    String near = Names.nearest(id, rules.stream().map(Rule::id).toList());
    throw UserError.usage(
        "there is no rule "
            + id
            + (near == null ? "" : "; did you mean " + near + "?")
            + " (kstrace rules list)");
  }

  private static void paragraph(PrintStream out, String title, String text) {
    out.println();
    out.println("  " + title);
    for (String line : Wrap.lines(text, 88)) {
      out.println("    " + line);
    }
  }
}
