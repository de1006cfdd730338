package dev.kstrace.cli.text;

import java.util.Locale;

/** Numbers as people read them, the same in every locale. */
public final class Words {
  private Words() {}

  /** Loads what writes numbers, which takes longer than to write some. */
  public static void prepare() {
    String unused = count(1, "s") + duration(1_000_000_000);
  }

  /** A count with its noun, such as {@code 1 frame} or {@code 2,000 frames}. */
  public static String count(long number, String noun) {
    return count(number, noun, noun + "s");
  }

  /** A count with a noun of irregular plural. */
  public static String count(long number, String one, String many) {
    return String.format(Locale.ROOT, "%,d %s", number, number == 1 ? one : many);
  }

  /** A duration in the unit that suits it. */
  public static String duration(long ns) {
    if (Math.abs(ns) < 1_000) {
      return ns + " ns";
    }
    if (Math.abs(ns) < 1_000_000) {
      return String.format(Locale.ROOT, "%.1f us", ns / 1e3);
    }
    if (Math.abs(ns) < 1_000_000_000) {
      return String.format(Locale.ROOT, "%.1f ms", ns / 1e6);
    }
    return String.format(Locale.ROOT, "%.3f s", ns / 1e9);
  }
}
