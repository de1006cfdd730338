package dev.kstrace.analyze.config;

import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.RuleLimits;
import dev.kstrace.analyze.RulePack;
import dev.kstrace.analyze.RuleParameter;
import dev.kstrace.analyze.UserRules;
import dev.kstrace.analyze.triage.Suppression;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules that traces are judged by: the built-in ones and the user's, with thresholds set and
 * some left out, as a configuration and the caller say. Whoever judges asks here, so that a finding
 * is one in every command and in every test. Not thread-safe until it is complete.
 */
public final class RulesInForce {
  private final Config config;
  private final RuleLimits limits;
  private final List<Rule> rules = new ArrayList<>(RulePack.builtIn());
  private final List<UserRules.Refused> refused = new ArrayList<>();

  private RulesInForce(Config config, RuleLimits limits) {
    this.config = config;
    this.limits = limits;
  }

  /**
   * Reads the user's rules and sets the thresholds of the configuration. Nothing is left out yet.
   *
   * @param folders folders of rules besides those of the configuration
   * @throws ConfigException if the configuration names what there is not; a file that is no rule is
   *     told by {@link #refused}
   * @throws SQLException if the database cannot be started
   */
  public static RulesInForce of(Config config, List<Path> folders, RuleLimits limits)
      throws ConfigException, SQLException {
    RulesInForce inForce = new RulesInForce(config, limits);
    Set<Path> all = new LinkedHashSet<>(config.ruleFolders());
    all.addAll(folders);
    for (Path folder : all) {
      inForce.add(folder);
    }
    for (Config.Threshold threshold : config.thresholds()) {
      inForce.set(
          threshold.place() + ": ", threshold.rule(), threshold.parameter(), threshold.value());
    }
    for (Suppression suppression : config.suppressions()) {
      if (suppression.rule() != null && suppression.rule().isPlain()) {
        inForce.find(suppression.place() + ": ", suppression.rule().toString());
      }
    }
    return inForce;
  }

  private void add(Path folder) throws ConfigException, SQLException {
    Set<String> taken = new LinkedHashSet<>();
    rules.forEach(rule -> taken.add(rule.id()));
    UserRules users = read(folder, taken, limits.allowIo());
    rules.addAll(users.rules());
    refused.addAll(users.refused());
  }

  /**
   * Reads the rules of a folder.
   *
   * @param taken ids that are in use already
   * @throws ConfigException if there is no such folder, or no rule in it
   */
  public static UserRules read(Path folder, Set<String> taken, boolean allowIo)
      throws ConfigException, SQLException {
    try {
      UserRules users = UserRules.read(folder, taken, allowIo);
      if (users.rules().isEmpty() && users.refused().isEmpty()) {
        throw new ConfigException("there is no rule in " + folder + ", expected files *.sql");
      }
      return users;
    } catch (IOException e) {
      throw new ConfigException("cannot list the rules in " + folder + ": there is no such folder");
    }
  }

  /** Leaves out what the configuration leaves out. */
  public void removeDisabled() throws ConfigException {
    for (Config.Named name : config.disabled()) {
      remove(name.place() + ": ", name.text());
    }
  }

  /**
   * Leaves a rule out.
   *
   * @param place where that is said, with a colon; empty for the command line
   */
  public void remove(String place, String id) throws ConfigException {
    Rule rule = find(place, id);
    if (rule != null) {
      rules.remove(rule);
    }
  }

  /**
   * Sets a threshold.
   *
   * @param place as for {@link #remove}
   * @throws ConfigException if there is no such parameter, or the value is none for it
   */
  public void set(String place, String id, String parameter, String value) throws ConfigException {
    Rule rule = find(place, id);
    if (rule == null) {
      return;
    }
    List<String> names = rule.parameters().stream().map(RuleParameter::name).toList();
    if (!names.contains(parameter)) {
      String near = Names.nearest(parameter, names);
      throw new ConfigException(
          place
              + "rule "
              + id
              + " has no parameter "
              + parameter
              + (near == null ? "" : "; did you mean " + near + "?")
              + (names.isEmpty() ? "; it has none" : " (it has " + String.join(", ", names) + ")"));
    }
    try {
      rules.set(rules.indexOf(rule), rule.with(parameter, value));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(place + id + "." + e.getMessage());
    }
  }

  /**
   * The rule of an id; null where its file was refused.
   *
   * @param place as for {@link #remove}
   * @throws ConfigException if there is none; the message names the nearest one
   */
  public @Nullable Rule find(String place, String id) throws ConfigException {
    for (Rule rule : rules) {
      if (rule.id().equals(id)) {
        return rule;
      }
    }
    if (refused.stream().anyMatch(file -> file.id().equals(id))) {
      return null;
    }
    String near = Names.nearest(id, rules.stream().map(Rule::id).toList());
    throw new ConfigException(
        place
            + "there is no rule "
            + id
            + (near == null ? "" : "; did you mean " + near + "?")
            + " (kstrace rules list)");
  }

  /** The rules: built-in ones, then the user's. */
  public List<Rule> rules() {
    return List.copyOf(rules);
  }

  /** Files that are no rules. */
  public List<UserRules.Refused> refused() {
    return List.copyOf(refused);
  }

  /** The configuration behind them. */
  public Config config() {
    return config;
  }

  /** What the user's rules may do. */
  public RuleLimits limits() {
    return limits;
  }
}
