package dev.kstrace.analyze;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One rule: a query whose rows are findings, and the text that explains it. Immutable.
 *
 * @param id its name, such as {@code double-free}
 * @param severity the gravest severity it gives
 * @param basis contract, derived, heuristic or recorder
 * @param reads the tables it reads, see {@link #driving}
 * @param needs inputs without which it does not apply
 * @param parameters thresholds that users may change, in the header's order
 * @param why what is wrong when it fires
 * @param fix what to do about it
 * @param source the page of the contract
 * @param limits where it stays silent, and why
 * @param sql the statement
 * @param file where a user's rule was read; null for a built-in one
 */
public record Rule(
    String id,
    Severity severity,
    String basis,
    List<String> reads,
    List<String> needs,
    List<RuleParameter> parameters,
    String why,
    String fix,
    String source,
    String limits,
    String sql,
    @Nullable Path file) {
  /** Parts of the documentation whose pages are named as their addresses are. */
  private static final Pattern PAGE =
      Pattern.compile("^(ddi/[a-z]+|stream|devtest|audio)/[a-z0-9_-]+");

  /**
   * The tables whose rows findings come from: those of suspects, or the first where it reads none.
   * Where they are all empty there is nothing to find.
   */
  List<String> driving() {
    List<String> suspects = reads.stream().filter(table -> table.startsWith("suspect")).toList();
    return suspects.isEmpty() ? reads.subList(0, 1) : suspects;
  }

  /** Inputs of which a trace has none, in the header's order. */
  List<String> missing(TraceFacts facts) {
    return needs.stream()
        .filter(need -> !facts.has(Need.valueOf(need.toUpperCase(java.util.Locale.ROOT))))
        .toList();
  }

  /** The public page of the contract that {@link #source} names first, or null if it names none. */
  public @Nullable String page() {
    Matcher page = PAGE.matcher(source);
    return page.find()
        ? "https://learn.microsoft.com/windows-hardware/drivers/" + page.group()
        : null;
  }

  /**
   * The rule with another value of a parameter.
   *
   * @param name a parameter that it has
   * @throws IllegalArgumentException if the value is no number, or out of the parameter's range
   */
  public Rule with(String name, String value) {
    RuleParameter old =
        parameters.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
    RuleParameter changed = old.with(value);
    List<RuleParameter> all =
        parameters.stream().map(one -> one.name().equals(name) ? changed : one).toList();
    return new Rule(
        id,
        severity,
        basis,
        reads,
        needs,
        all,
        why,
        fix,
        source,
        limits,
        old.place().matcher(sql).replaceFirst(changed.value().toPlainString()),
        file);
  }
}
