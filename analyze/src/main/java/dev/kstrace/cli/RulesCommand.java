package dev.kstrace.cli;

import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.RuleExamples;
import dev.kstrace.analyze.RuleLimits;
import dev.kstrace.analyze.RulePack;
import dev.kstrace.analyze.RuleTraces;
import dev.kstrace.analyze.UserRules;
import dev.kstrace.analyze.config.ConfigException;
import dev.kstrace.analyze.config.RulesInForce;
import dev.kstrace.cli.findings.RuleText;
import dev.kstrace.cli.text.Words;
import dev.kstrace.cli.text.Wrap;
import dev.kstrace.traces.Escapes;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace rules}: the rules as documentation, and tests of one's own. */
final class RulesCommand extends Command {
  RulesCommand(Console console) {
    super(console, "rules", "List the rules, explain one, or test your own.");
    footer("", "Example: kstrace rules show double-free");
    spec.addSubcommand("list", new ListRules(console).spec);
    spec.addSubcommand("show", new ShowRule(console).spec);
    spec.addSubcommand("test", new TestRules(console).spec);
  }

  @Override
  public Integer call() {
    throw UserError.usage("list, show or test? see kstrace rules --help");
  }

  /** {@code kstrace rules list}. */
  private static final class ListRules extends Command {
    private final RuleOptions ruleOptions = new RuleOptions(this);

    ListRules(Console console) {
      super(console, "list", "List the rules with severity and basis.");
      footer("", "Example: kstrace rules list");
    }

    @Override
    public Integer call() throws SQLException {
      RulesInForce chosen = ruleOptions.choose();
      for (Rule rule : chosen.rules()) {
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
      return RuleOptions.tell(console, chosen.refused());
    }
  }

  /** {@code kstrace rules show ID}. */
  private static final class ShowRule extends Command {
    private final PositionalParamSpec ids =
        arguments("1", "ID", "The rule, see rules list.", RulePack.IDS);
    private final RuleOptions ruleOptions = new RuleOptions(this);

    ShowRule(Console console) {
      super(console, "show", "Explain a rule: what, why, how to fix, where it is written.");
      footer("", "Example: kstrace rules show double-free");
    }

    @Override
    public Integer call() throws SQLException {
      RulesInForce chosen = ruleOptions.choose();
      Rule rule = find(chosen, values(ids).get(0));
      int code = RuleOptions.tell(console, chosen.refused());
      if (rule != null) {
        show(rule);
      }
      return code;
    }

    private static @Nullable Rule find(RulesInForce rules, String id) {
      try {
        return rules.find("", id);
      } catch (ConfigException e) {
        throw UserError.usage(String.valueOf(e.getMessage()), e);
      }
    }

    private void show(Rule rule) {
      PrintStream out = console.out();
      out.println(rule.id() + " (" + rule.severity().label() + ", " + rule.basis() + ")");
      for (RuleText.Part part : RuleText.parts(rule)) {
        out.println();
        out.println("  " + part.title());
        for (String line : Wrap.lines(Escapes.escape(part.text()), 88)) {
          out.println("    " + line);
        }
      }
      String example = example(rule);
      if (example != null) {
        out.println();
        out.println("  example, as text (kstrace text EXAMPLE -o TRACE makes a trace of it)");
        example.lines().forEach(line -> out.println("    " + Failure.printable(line, false)));
      }
      out.println();
      rule.sql().lines().forEach(line -> out.println(Failure.printable(line, false)));
    }

    private static @Nullable String example(Rule rule) {
      try {
        return RuleExamples.of(rule);
      } catch (IOException e) {
        throw Failure.input(Path.of(rule.id(), "hit.txt"), e);
      }
    }
  }

  /** {@code kstrace rules test DIR}. */
  private static final class TestRules extends Command {
    private final PositionalParamSpec folders =
        arguments("1", "DIR", "A folder of rules RULE.sql with their traces in folders RULE.");
    private final OptionSpec allowIo = flag("Let the SQL of rules read files.", "--allow-io");

    TestRules(Console console) {
      super(
          console,
          "test",
          "Judge the traces that lie beside rules: RULE/hit*.txt must give the findings that they",
          "expect (# expect: seq=N), RULE/clean*.txt none. Traces may be .arrow files, too, with",
          "what they expect in a file .expect of the same name.");
      footer(
          "",
          "Exit code 1 where a trace is judged otherwise, 2 where a rule cannot be run.",
          "Example: kstrace rules test my-rules");
    }

    @Override
    public Integer call() throws SQLException {
      Path folder = paths(folders).get(0);
      UserRules rules = read(folder);
      int code = RuleOptions.tell(console, rules.refused());
      for (Rule rule : rules.rules()) {
        code = ExitCode.graver(code, test(rule, folder.resolve(rule.id())));
      }
      return code;
    }

    private UserRules read(Path folder) throws SQLException {
      try {
        return RulesInForce.read(folder, Set.of(), isSet(allowIo));
      } catch (ConfigException e) {
        throw UserError.usage(String.valueOf(e.getMessage()), e);
      }
    }

    private int test(Rule rule, Path folder) throws SQLException {
      RuleLimits limits = new RuleLimits(isSet(allowIo), RuleLimits.DEFAULT_SECONDS);
      List<RuleTraces.Result> results;
      try {
        results = RuleTraces.run(rule, folder, limits);
      } catch (IOException e) {
        throw Failure.input(folder, e);
      }
      long hits = results.stream().filter(one -> RuleTraces.isHit(one.file())).count();
      long bad = results.stream().filter(one -> !one.problem().isEmpty()).count();
      boolean tested = hits > 0 && hits < results.size();
      PrintStream out = console.out();
      out.println(
          rule.id()
              + ": "
              + Words.count(hits, "hit")
              + ", "
              + Words.count(results.size() - hits, "clean", "clean")
              + (bad > 0 ? ", " + bad + " wrong" : tested ? ", all as expected" : ""));
      for (RuleTraces.Result result : results) {
        if (!result.problem().isEmpty()) {
          String line = result.file() + ": " + result.problem();
          out.println("  " + Failure.printable(line, false));
        }
      }
      if (!tested) {
        out.println("  expected at least one hit*.txt and one clean*.txt in " + folder);
      }
      return bad == 0 && tested ? ExitCode.OK : ExitCode.FINDINGS;
    }
  }
}
