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
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The rules that the tests of a run are judged by: those of the nearest {@code kstrace.toml} upward
 * from the working directory, or as the configuration parameter {@code kstrace.config} says.
 */
final class RulesOfTests {
  /** A file, or {@link #NONE}. */
  static final String PARAMETER = "kstrace.config";

  /** Value of the parameter for no configuration at all. */
  static final String NONE = "none";

  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(RulesOfTests.class);

  private RulesOfTests() {}

  /**
   * Those of the run that a test belongs to; read once.
   *
   * @throws ExtensionConfigurationException if the configuration, or a rule of it, is wrong
   */
  static RulesInForce of(ExtensionContext test) {
    return test.getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(
            RulesInForce.class,
            key -> read(test.getConfigurationParameter(PARAMETER).orElse("")),
            RulesInForce.class);
  }

  private static RulesInForce read(String parameter) {
    try {
      RulesInForce rules = RulesInForce.of(config(parameter), List.of(), RuleLimits.DEFAULT);
      rules.removeDisabled();
      if (!rules.refused().isEmpty()) {
        throw new ExtensionConfigurationException(
            rules.refused().stream().map(RulesOfTests::sentence).collect(Collectors.joining("\n")));
      }
      return rules;
    } catch (ConfigException e) {
      throw new ExtensionConfigurationException(String.valueOf(e.getMessage()), e);
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
      throw new ExtensionConfigurationException(
          "cannot read the configuration " + parameter + " (" + PARAMETER + "): " + e.getMessage(),
          e);
    }
  }
}
