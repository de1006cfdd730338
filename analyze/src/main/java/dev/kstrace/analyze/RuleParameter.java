package dev.kstrace.analyze;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A threshold of a rule that users may change. Immutable.
 *
 * @param name as in the rule's {@code params}
 * @param value the value in force; a whole number if the default is one
 * @param preset the default
 * @param unit such as {@code ns}; what a number means is in its unit
 * @param least the smallest value allowed
 * @param most the largest value allowed, null for as much as 64 bits hold
 * @param meaning one sentence
 */
public record RuleParameter(
    String name,
    BigDecimal value,
    BigDecimal preset,
    String unit,
    BigDecimal least,
    @Nullable BigDecimal most,
    String meaning) {
  private static final String NUMBER = "-?\\d{1,19}(?:\\.\\d{1,9})?";
  private static final Pattern NUMBER_ALONE = Pattern.compile(NUMBER);
  private static final Pattern ENTRY =
      Pattern.compile(
          "([a-z][a-z0-9_]*)\\s+("
              + NUMBER
              + ")\\s+([^\\s\\[]+)(?:\\s+\\[("
              + NUMBER
              + ")?\\.\\.("
              + NUMBER
              + ")?\\])?\\s+(\\S.*)");
  private static final BigDecimal LONGEST = BigDecimal.valueOf(Long.MAX_VALUE);

  /**
   * Reads an entry of a header.
   *
   * @throws IllegalArgumentException if it is not {@code NAME DEFAULT UNIT [LEAST..MOST] MEANING};
   *     the range may be missing
   */
  static RuleParameter parse(String entry) {
    Matcher parts = ENTRY.matcher(entry);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "param: expected NAME DEFAULT UNIT [LEAST..MOST] MEANING, such as grace_ns 1000 ns how"
              + " long to wait");
    }
    BigDecimal preset = new BigDecimal(parts.group(2));
    BigDecimal least = parts.group(4) == null ? BigDecimal.ZERO : new BigDecimal(parts.group(4));
    BigDecimal most = parts.group(5) == null ? null : new BigDecimal(parts.group(5));
    return new RuleParameter(
            parts.group(1), preset, preset, parts.group(3), least, most, parts.group(6))
        .with(parts.group(2));
  }

  /**
   * The parameter with another value.
   *
   * @param text a number; digits only where the default is a whole number
   * @throws IllegalArgumentException if it is no such number or out of range
   */
  RuleParameter with(String text) {
    boolean whole = preset.scale() == 0;
    if (!NUMBER_ALONE.matcher(text).matches() || (whole && text.contains("."))) {
      throw new IllegalArgumentException(
          name
              + "="
              + text
              + " is no "
              + (whole ? "whole number" : "number")
              + ", expected "
              + unit);
    }
    BigDecimal number = new BigDecimal(text);
    BigDecimal limit = most == null ? LONGEST : most;
    if (number.compareTo(least) < 0 || number.compareTo(limit) > 0) {
      throw new IllegalArgumentException(
          name + "=" + text + " is out of range, expected " + least + " to " + limit + " " + unit);
    }
    return new RuleParameter(name, number, preset, unit, least, most, meaning);
  }

  /** Where a statement gives the parameter its value: {@code VALUE AS NAME}. */
  Pattern place() {
    return Pattern.compile(
        "(?<![\\w.])" + Pattern.quote(value.toPlainString()) + "(?=\\s+AS\\s+" + name + "\\b)");
  }
}
