package dev.kstrace.cli.findings;

import dev.kstrace.traces.Escapes;

/** Text in Markdown (CommonMark with tables) that means itself. */
public final class Markdown {
  private static final String SPECIAL = "\\`*_[]<>|~#&";

  private Markdown() {}

  /** Text of our own within a paragraph: nothing in it is markup. */
  public static String escape(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (SPECIAL.indexOf(c) >= 0) {
        out.append('\\');
      }
      out.append(c);
    }
    return out.toString();
  }

  /**
   * Text that may come from a trace as a code span: besides markup, names of people and numbers of
   * issues mean nothing there.
   */
  public static String code(String text) {
    String line = Escapes.escape(text);
    String fence = "`".repeat(1 + longestRun(line));
    boolean padded = line.isEmpty() || line.startsWith("`") || line.endsWith("`");
    return padded ? fence + " " + line + " " + fence : fence + line + fence;
  }

  /** As {@link #code}, in a cell of a table, which a bar would end. */
  public static String cell(String text) {
    return code(text).replace("|", "\\|");
  }

  /** Lines as a block of code; each must be free of line ends. */
  public static String block(Iterable<String> lines) {
    String text = String.join("\n", lines);
    String fence = "`".repeat(Math.max(3, 1 + longestRun(text)));
    return fence + "text\n" + text + "\n" + fence + "\n";
  }

  private static int longestRun(String text) {
    int longest = 0;
    int run = 0;
    for (int i = 0; i < text.length(); i++) {
      run = text.charAt(i) == '`' ? run + 1 : 0;
      longest = Math.max(longest, run);
    }
    return longest;
  }
}
