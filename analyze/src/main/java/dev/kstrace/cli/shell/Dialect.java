package dev.kstrace.cli.shell;

import dev.kstrace.analyze.SqlScript;
import java.util.List;

/** What is typed at a prompt. */
public interface Dialect {
  /** SQL and the shell's own commands. */
  Dialect SQL =
      new Dialect() {
        @Override
        public String prompt() {
          return "kstrace> ";
        }

        @Override
        public boolean isComplete(String line) {
          return line.strip().startsWith(".") || SqlScript.isComplete(line);
        }

        @Override
        public List<String> complete(String before, String word) {
          return Completion.of(before, word);
        }

        @Override
        public String historyName() {
          return "history";
        }
      };

  /** What asks for a line. */
  String prompt();

  /** Whether a text can be dealt with; else further lines are asked for. */
  boolean isComplete(String line);

  /**
   * Candidates for the word that ends at the cursor.
   *
   * @param before the text before that word
   * @param word the beginning of the word
   */
  List<String> complete(String before, String word);

  /** Whether a character belongs to a word that {@link #complete} is asked about. */
  default boolean isWordPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_';
  }

  /** Name of the file that remembers what was typed. */
  String historyName();
}
