package dev.kstrace.analyze.junit;

import dev.kstrace.analyze.config.ConfigException;
import dev.kstrace.analyze.config.RulesInForce;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The rules that the tests of a run are judged by: {@link NearestRules}, as the configuration
 * parameter says.
 */
final class RulesOfTests {
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
            key -> read(test.getConfigurationParameter(NearestRules.PARAMETER).orElse("")),
            RulesInForce.class);
  }

  private static RulesInForce read(String parameter) {
    try {
      return NearestRules.read(parameter);
    } catch (ConfigException e) {
      throw new ExtensionConfigurationException(String.valueOf(e.getMessage()), e);
    }
  }
}
