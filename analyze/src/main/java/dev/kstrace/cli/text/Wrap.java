package dev.kstrace.cli.text;

import java.util.ArrayList;
import java.util.List;

/** Breaks a text into lines at spaces. */
public final class Wrap {
  private Wrap() {}

  /** Lines of at most {@code width} characters, unless one word is longer. */
  public static List<String> lines(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.strip().split("\\s+", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
