package dev.kstrace.cli;

import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.RulePack;
import dev.kstrace.analyze.RuleParameter;
import dev.kstrace.analyze.UserRules;
import dev.kstrace.analyze.triage.Suppression;
import dev.kstrace.cli.config.Config;
import dev.kstrace.cli.config.ConfigException;
import dev.kstrace.cli.text.Names;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

/** The options that say which rules are in force, and the configuration behind them. */
final class RuleOptions {
  private final Console console;
  private final OptionSpec folders;
  private final OptionSpec set;
  private final OptionSpec config;
  private final OptionSpec noConfig;
  private final OptionSpec allowIo;

  /**
   * The rules to judge by.
   *
   * @param rules built-in ones, then the user's
   * @param refused files that are no rules
   * @param config what the configuration says
   */
  record Chosen(List<Rule> rules, List<UserRules.Refused> refused, Config config) {
    /** The rule of an id, null where its file was refused, or a message with the nearest one. */
    @Nullable Rule find(String place, String id) {
      boolean missing = rules.stream().noneMatch(rule -> rule.id().equals(id));
      if (missing && refused.stream().anyMatch(file -> file.id().equals(id))) {
        return null;
      }
      return RulesCommand.find(place, id, rules);
    }
  }

  RuleOptions(Command command) {
    console = command.console;
    folders =
        command.list("DIR", "Add the rules DIR/*.sql; several separated by commas.", "--rules");
    set =
        command.list(
            "RULE.PARAMETER=VALUE",
            "Change a threshold; several separated by commas (kstrace rules show RULE).",
            "--set");
    config =
        command.option(
            String.class,
            "FILE",
            "The configuration; else the nearest kstrace.toml upward from the working directory.",
            "--config");
    noConfig = command.flag("Look for no configuration.", "--no-config");
    allowIo = command.flag("Let the SQL of rules read and write files.", "--allow-io");
  }

  /** Whether SQL may reach files. */
  boolean allowsIo() {
    return Command.isSet(allowIo);
  }

  /**
   * Reads the configuration and the user's rules, and sets thresholds.
   *
   * @throws UserError if the configuration or an option is wrong; a rule that is wrong is told in
   *     the result
   */
  Chosen choose() throws SQLException {
    Config read = readConfig();
    List<Rule> rules = new ArrayList<>(RulePack.builtIn());
    List<UserRules.Refused> refused = new ArrayList<>();
    Set<String> taken = new LinkedHashSet<>();
    rules.forEach(rule -> taken.add(rule.id()));
    Set<Path> all = new LinkedHashSet<>(read.ruleFolders());
    Command.values(folders).forEach(folder -> all.add(Command.path(folder)));
    for (Path folder : all) {
      UserRules users = users(folder, taken, allowsIo());
      users.rules().forEach(rule -> taken.add(rule.id()));
      rules.addAll(users.rules());
      refused.addAll(users.refused());
    }
    Chosen chosen = new Chosen(rules, refused, read);
    for (Config.Threshold threshold : read.thresholds()) {
      String place = threshold.place() + ": ";
      set(chosen, place, threshold.rule(), threshold.parameter(), threshold.value());
    }
    for (String assignment : Command.values(set)) {
      set(chosen, assignment.strip());
    }
    for (Suppression suppression : read.suppressions()) {
      if (suppression.rule() != null && suppression.rule().isPlain()) {
        chosen.find(suppression.place() + ": ", suppression.rule().toString());
      }
    }
    return chosen;
  }

  private Config readConfig() {
    @Nullable String named = config.getValue();
    boolean none = Command.isSet(noConfig);
    if (named != null && none) {
      throw UserError.usage("--config and --no-config contradict each other; give one of them");
    }
    Path file =
        none ? null : named == null ? Config.find(console.directory()) : Command.path(named);
    if (file == null) {
      return Config.NONE;
    }
    try {
      return Config.read(shown(file));
    } catch (ConfigException e) {
      throw UserError.usage(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw UserError.usage(Failure.input(file, e).getMessage() + " (the configuration)", e);
    }
  }

  /** The path from the working directory where that is shorter to read. */
  private Path shown(Path file) {
    Path directory = console.directory();
    boolean working = directory.equals(Path.of("").toAbsolutePath());
    return working && file.startsWith(directory) ? directory.relativize(file) : file;
  }

  /**
   * Reads the rules of a folder.
   *
   * @throws UserError if there is no such folder, or no rule in it
   */
  static UserRules users(Path folder, Set<String> taken, boolean allowIo) throws SQLException {
    try {
      UserRules users = UserRules.read(folder, taken, allowIo);
      if (users.rules().isEmpty() && users.refused().isEmpty()) {
        throw UserError.usage("there is no rule in " + folder + ", expected files *.sql");
      }
      return users;
    } catch (IOException e) {
      throw UserError.usage("cannot list the rules in " + folder + ": there is no such folder", e);
    }
  }

  private static void set(Chosen chosen, String assignment) {
    String[] sides = assignment.split("=", 2);
    int dot = sides[0].lastIndexOf('.');
    if (sides.length < 2 || dot < 0) {
      throw UserError.usage("--set " + assignment + ": expected RULE.PARAMETER=VALUE");
    }
    String name = sides[0].substring(dot + 1).strip();
    set(chosen, "--set: ", sides[0].substring(0, dot).strip(), name, sides[1].strip());
  }

  private static void set(Chosen chosen, String place, String id, String parameter, String value) {
    Rule rule = chosen.find(place, id);
    if (rule == null) {
      return;
    }
    List<String> names = rule.parameters().stream().map(RuleParameter::name).toList();
    if (!names.contains(parameter)) {
      String near = Names.nearest(parameter, names);
      throw UserError.usage(
          place
              + "rule "
              + id
              + " has no parameter "
              + parameter
              + (near == null ? "" : "; did you mean " + near + "?")
              + (names.isEmpty() ? "; it has none" : " (it has " + String.join(", ", names) + ")"));
    }
    try {
      chosen.rules().set(chosen.rules().indexOf(rule), rule.with(parameter, value));
    } catch (IllegalArgumentException e) {
      throw UserError.usage(place + id + "." + e.getMessage(), e);
    }
  }
}
