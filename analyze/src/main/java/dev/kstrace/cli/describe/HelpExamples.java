package dev.kstrace.cli.describe;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the examples in the last lines of a help text: {@code Example: kstrace ...}. */
final class HelpExamples {
  private static final Pattern FIRST = Pattern.compile("(?:Examples?|Start with): +(kstrace .*)");
  private static final Pattern FURTHER = Pattern.compile(" {6,}(kstrace .*)");

  private HelpExamples() {}

  /** The command lines. */
  static List<String> of(List<String> footer) {
    List<String> examples = new ArrayList<>();
    for (String line : footer) {
      Matcher example = match(line, !examples.isEmpty());
      if (example != null) {
        examples.add(example.group(1));
      }
    }
    return examples;
  }

  /** The lines that are no examples, without empty ones at their ends. */
  static List<String> others(List<String> footer) {
    List<String> others = new ArrayList<>();
    boolean within = false;
    for (String line : footer) {
      boolean example = match(line, within) != null;
      within |= example;
      if (!example && !(line.isBlank() && others.isEmpty())) {
        others.add(line);
      }
    }
    while (!others.isEmpty() && others.get(others.size() - 1).isBlank()) {
      others.remove(others.size() - 1);
    }
    return others;
  }

  private static @org.jspecify.annotations.Nullable Matcher match(String line, boolean within) {
    Matcher first = FIRST.matcher(line);
    if (first.matches()) {
      return first;
    }
    Matcher further = FURTHER.matcher(line);
    return within && further.matches() ? further : null;
  }
}
