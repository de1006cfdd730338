package dev.kstrace.cli;

import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.RulePack;
import dev.kstrace.cli.text.Names;
import dev.kstrace.cli.text.Wrap;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace rules}: the rule pack as documentation. */
final class RulesCommand extends Command {
  RulesCommand(Console console) {
    super(console, "rules", "List the rules, or explain one.");
    spec.addSubcommand("list", new ListRules(console).spec);
    spec.addSubcommand("show", new ShowRule(console).spec);
  }

  @Override
  public Integer call() {
    throw UserError.usage("list or show? see kstrace rules --help");
  }

  /** {@code kstrace rules list}. */
  private static final class ListRules extends Command {
    ListRules(Console console) {
      super(console, "list", "List the rules with severity and basis.");
    }

    @Override
    public Integer call() {
      for (Rule rule : RulePack.builtIn()) {
        console
            .out()
            .println(
                String.format(
                    Locale.ROOT,
                    "%-36s %-8s %s",
                    rule.id(),
                    rule.severity().label(),
                    rule.basis()));
      }
      return ExitCode.OK;
    }
  }

  /** {@code kstrace rules show ID}. */
  private static final class ShowRule extends Command {
    private final PositionalParamSpec ids = arguments("1", "ID", "The rule, see rules list.");

    ShowRule(Console console) {
      super(console, "show", "Explain a rule: what, why, how to fix, where it is written.");
      footer("", "Example: kstrace rules show double-free");
    }

    @Override
    public Integer call() {
      Rule rule = find(values(ids).get(0), RulePack.builtIn());
      PrintStream out = console.out();
      out.println(rule.id() + " (" + rule.severity().label() + ", " + rule.basis() + ")");
      paragraph(out, "why", rule.why());
      paragraph(out, "fix", rule.fix());
      paragraph(out, "source", rule.source());
      paragraph(out, "limits", rule.limits());
      paragraph(out, "needs", rule.needs().isEmpty() ? "nothing" : String.join(", ", rule.needs()));
      out.println();
      out.println(rule.sql());
      return ExitCode.OK;
    }
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
