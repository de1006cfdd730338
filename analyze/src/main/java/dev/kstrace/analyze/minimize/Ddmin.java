package dev.kstrace.analyze.minimize;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input") over
 * things that can be left out: halves first, then ever smaller parts, until none can be spared.
 */
final class Ddmin {
  private Ddmin() {}

  /** Whether what is kept still shows it; false ends the search where the budget is used up. */
  interface Test<T> {
    boolean keeps(List<T> kept) throws IOException;
  }

  /**
   * A smallest part of a list that passes a test: without any one of its members it does not.
   *
   * @param all passes the test
   */
  static <T> List<T> minimize(List<T> all, Test<T> test) throws IOException {
    if (all.isEmpty() || test.keeps(List.of())) {
      return List.of();
    }
    List<T> kept = all;
    int parts = 2;
    while (kept.size() >= 2) {
      List<T> smaller = withoutOnePart(kept, parts, test);
      if (smaller.size() < kept.size()) {
        kept = smaller;
        parts = Math.max(2, Math.min(parts - 1, kept.size()));
      } else if (parts == kept.size()) {
        return kept;
      } else {
        parts = Math.min(2 * parts, kept.size());
      }
    }
    return kept;
  }

  /** Leaves out the parts that can be spared, each tried once; the list itself where none can. */
  private static <T> List<T> withoutOnePart(List<T> kept, int parts, Test<T> test)
      throws IOException {
    int size = kept.size();
    List<T> remaining = kept;
    int removed = 0;
    for (int part = 0; part < parts; part++) {
      int from = (int) ((long) size * part / parts) - removed;
      int to = (int) ((long) size * (part + 1) / parts) - removed;
      if (to - from == remaining.size()) {
        return remaining; // the last one: that it can be spared was tried before
      }
      List<T> without = new ArrayList<>(remaining.subList(0, from));
      without.addAll(remaining.subList(to, remaining.size()));
      if (test.keeps(without)) {
        remaining = without;
        removed += to - from;
      }
    }
    return remaining;
  }
}
