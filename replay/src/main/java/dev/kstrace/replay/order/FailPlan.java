package dev.kstrace.replay.order;

import java.util.Locale;

/**
 * Which calls of an order fail for want of memory. Immutable.
 *
 * @param kind how they are chosen
 * @param number for {@link Kind#NTH} the call, counted from 1
 * @param chance for {@link Kind#CHANCE} how likely each call is to fail, above 0 and up to 1
 */
public record FailPlan(Kind kind, int number, double chance) {
  /** How calls are chosen. */
  public enum Kind {
    /** None. */
    NONE,
    /** One, by its number. */
    NTH,
    /** One, the next one with each seed. */
    EACH_ONCE,
    /** Each by chance. */
    CHANCE
  }

  /** No call fails. */
  public static final FailPlan NONE = new FailPlan(Kind.NONE, 0, 0);

  /** One call fails, with each seed the next one. */
  public static final FailPlan EACH_ONCE = new FailPlan(Kind.EACH_ONCE, 0, 0);

  /**
   * The plan that users write: {@code 3}, {@code each-once} or {@code p=0.06}.
   *
   * @throws IllegalArgumentException if it is none of these; the message says what is expected
   */
  public static FailPlan parse(String text) {
    if (text.equals("each-once")) {
      return EACH_ONCE;
    }
    if (text.matches("[1-9][0-9]{0,8}")) {
      return new FailPlan(Kind.NTH, Integer.parseInt(text), 0);
    }
    if (text.matches("p=[0-9]*\\.?[0-9]+")) {
      double chance = Double.parseDouble(text.substring(2));
      if (chance > 0 && chance <= 1) {
        return new FailPlan(Kind.CHANCE, 0, chance);
      }
    }
    throw refused(text);
  }

  private static IllegalArgumentException refused(String text) {
    return new IllegalArgumentException(
        String.format(Locale.ROOT, "%s: expected a number from 1 on, each-once or p=0.06", text));
  }
}
