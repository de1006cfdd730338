package dev.kstrace.analyze.junit;

import dev.kstrace.analyze.RuleLimits;
import dev.kstrace.analyze.UserRules;
import dev.kstrace.analyze.config.Config;
import dev.kstrace.analyze.config.ConfigException;
import dev.kstrace.analyze.config.RulesInForce;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/** The rules of a configuration that is found where a test runs. It knows no test framework. */
final class NearestRules {
  /** Parameter of a run, or system property of a process: a file, or {@link #NONE}. */
  static final String PARAMETER = "kstrace.config";

  /** Value of the parameter for no configuration at all. */
  static final String NONE = "none";

  private NearestRules() {}

  /**
   * Reads them.
   *
   * @param parameter a file, {@link #NONE}, or empty for the nearest {@code kstrace.toml} upward
   *     from the working directory
   * @throws ConfigException if the configuration, or a rule of it, is wrong
   */
  static RulesInForce read(String parameter) throws ConfigException {
    try {
      RulesInForce rules = RulesInForce.of(config(parameter), List.of(), RuleLimits.DEFAULT);
      rules.removeDisabled();
      if (!rules.refused().isEmpty()) {
        throw new ConfigException(
            rules.refused().stream().map(NearestRules::sentence).collect(Collectors.joining("\n")));
      }
      return rules;
    } catch (SQLException e) {
      throw new IllegalStateException("the database cannot be started", e);
    }
  }

  private static String sentence(UserRules.Refused rule) {
    return rule.file() + ":" + rule.line() + " is no rule: " + rule.reason();
  }

  private static Config config(String parameter) throws ConfigException {
    if (parameter.equals(NONE)) {
      return Config.NONE;
    }
    try {
      Path file =
          parameter.isEmpty() ? Config.find(Path.of("").toAbsolutePath()) : Path.of(parameter);
      return file == null ? Config.NONE : Config.read(file);
    } catch (IOException | InvalidPathException e) {
      throw new ConfigException(
          "cannot read the configuration " + parameter + " (" + PARAMETER + "): " + e.getMessage());
    }
  }
}
