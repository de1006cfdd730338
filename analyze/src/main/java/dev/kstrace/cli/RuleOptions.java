package dev.kstrace.cli;

import dev.kstrace.analyze.RuleLimits;
import dev.kstrace.analyze.UserRules;
import dev.kstrace.analyze.config.Config;
import dev.kstrace.analyze.config.ConfigException;
import dev.kstrace.analyze.config.RulesInForce;
import dev.kstrace.analyze.triage.Baseline;
import dev.kstrace.analyze.triage.BaselineFile;
import dev.kstrace.analyze.triage.MalformedBaselineException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

/** The options that say which rules are in force, and the configuration behind them. */
final class RuleOptions {
  private final Command command;
  private final Console console;
  private final OptionSpec folders;
  private final OptionSpec set;
  private final OptionSpec config;
  private final OptionSpec noConfig;
  private final OptionSpec timeout;
  private final OptionSpec allowIo;

  RuleOptions(Command command) {
    this(command, "Let the SQL of rules read and write files.");
  }

  /**
   * As {@link #RuleOptions(Command)}.
   *
   * @param allowIoText what {@code --allow-io} does, where there is other SQL besides
   */
  RuleOptions(Command command, String allowIoText) {
    this.command = command;
    console = command.console;
    folders =
        command.list("DIR", "Add the rules DIR/*.sql; several separated by commas.", "--rules");
    set =
        command.list(
            "THRESHOLD=VALUE",
            "Change a threshold, RULE.PARAMETER; several separated by commas.",
            "--set");
    config =
        command.option(
            String.class,
            "FILE",
            "The configuration; else the nearest kstrace.toml upward from here.",
            "--config");
    noConfig = command.flag("Look for no configuration.", "--no-config");
    timeout =
        command.option(
            Integer.class,
            "SECONDS",
            "Stop a rule of your own after that on a trace (60); 0 = never.",
            "--rule-timeout");
    allowIo = command.flag(allowIoText, "--allow-io");
  }

  /**
   * Refuses the options where nothing is judged.
   *
   * @param with what they go with
   */
  void requireUnused(String with) {
    for (OptionSpec option : List.of(folders, set, config, noConfig, timeout, allowIo)) {
      @Nullable Object value = option.getValue();
      boolean none = value == null || value.equals(false) || value.equals(List.of());
      if (!none) {
        throw UserError.usage(option.longestName() + " goes with " + with);
      }
    }
  }

  /** What the SQL of users may do. */
  RuleLimits limits() {
    int seconds = Command.valueOr(timeout, RuleLimits.DEFAULT_SECONDS);
    if (seconds < 0) {
      throw UserError.usage("--rule-timeout " + seconds + ": expected seconds, or 0 for no limit");
    }
    return new RuleLimits(Command.isSet(allowIo), seconds);
  }

  /**
   * Reads the configuration and the user's rules, and sets thresholds; nothing is left out yet.
   *
   * @throws UserError if the configuration or an option is wrong; a rule that is wrong is told in
   *     the result
   */
  RulesInForce choose() throws SQLException {
    try {
      List<Path> own = Command.values(folders).stream().map(Command::path).toList();
      RulesInForce rules = RulesInForce.of(readConfig(), own, limits());
      for (String assignment : Command.values(set)) {
        set(rules, assignment.strip());
      }
      return rules;
    } catch (ConfigException e) {
      throw UserError.usage(String.valueOf(e.getMessage()), e);
    }
  }

  /** Reads what is known. */
  static Baseline baseline(Path file) {
    try {
      return BaselineFile.read(file);
    } catch (MalformedBaselineException e) {
      throw UserError.usage(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw UserError.usage(Failure.input(file, e).getMessage() + " (the baseline)", e);
    }
  }

  /**
   * The rules in force for a command without these options: those of the nearest configuration.
   *
   * @throws UserError if it is wrong; a rule that is wrong is told in the result
   */
  static RulesInForce nearest(Console console) throws SQLException {
    Path file = Config.find(console.directory());
    try {
      Config config = file == null ? Config.NONE : Config.read(shown(console, file));
      RulesInForce rules = RulesInForce.of(config, List.of(), RuleLimits.DEFAULT);
      rules.removeDisabled();
      return rules;
    } catch (ConfigException e) {
      throw UserError.usage(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw UserError.usage(Failure.input(file, e).getMessage() + " (the configuration)", e);
    }
  }

  /** A judge by the rules in force, to whom nothing is known; tells of files that are no rules. */
  ConfiguredJudge judge() throws SQLException {
    return judge(null);
  }

  /** As {@link #judge()}, with findings that are known; null = none. */
  ConfiguredJudge judge(@Nullable Baseline known) throws SQLException {
    RulesInForce rules = choose();
    try {
      rules.removeDisabled();
    } catch (ConfigException e) {
      throw UserError.usage(String.valueOf(e.getMessage()), e);
    }
    return new ConfiguredJudge(command, rules, known);
  }

  /** Tells of files that are no rules, and gives the exit code. */
  static int tell(Console console, List<UserRules.Refused> refused) {
    for (UserRules.Refused rule : refused) {
      console.err().println("kstrace: " + Failure.printable(CheckRun.refusal(rule), false));
    }
    return refused.isEmpty() ? ExitCode.OK : ExitCode.USAGE;
  }

  private Config readConfig() throws ConfigException {
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
      return Config.read(shown(console, file));
    } catch (IOException e) {
      throw UserError.usage(Failure.input(file, e).getMessage() + " (the configuration)", e);
    }
  }

  /** The path from the working directory where that is shorter to read. */
  private static Path shown(Console console, Path file) {
    Path directory = console.directory();
    boolean working = directory.equals(Path.of("").toAbsolutePath());
    return working && file.startsWith(directory) ? directory.relativize(file) : file;
  }

  private static void set(RulesInForce rules, String assignment) throws ConfigException {
    String[] sides = assignment.split("=", 2);
    int dot = sides[0].lastIndexOf('.');
    if (sides.length < 2 || dot < 0) {
      throw UserError.usage("--set " + assignment + ": expected RULE.PARAMETER=VALUE");
    }
    String name = sides[0].substring(dot + 1).strip();
    rules.set("--set: ", sides[0].substring(0, dot).strip(), name, sides[1].strip());
  }
}
