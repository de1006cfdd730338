package dev.kstrace.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What a command talks to: data on {@code out}, words on {@code err}. Immutable.
 *
 * @param in standard input
 * @param out standard output, UTF-8
 * @param err standard error, UTF-8
 * @param terminal whether standard input and output are a terminal
 * @param errTerminal whether standard error is one
 * @param environment environment variables
 * @param directory where the search for a configuration begins
 * @param clock ns since some moment
 * @param today the date, UTC: asked only where a suppression has an end
 */
record Console(
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean terminal,
    boolean errTerminal,
    Map<String, String> environment,
    Path directory,
    LongSupplier clock,
    Supplier<LocalDate> today) {

  /** Whether to colour: as the user says, else on a terminal without {@code NO_COLOR}. */
  boolean colour(Colour wanted) {
    return switch (wanted) {
      case ALWAYS -> true;
      case NEVER -> false;
      case AUTO ->
          terminal
              && environment.getOrDefault("NO_COLOR", "").isEmpty()
              && !"dumb".equals(environment.get("TERM"));
    };
  }

  /**
   * Whether somebody watches how a long work goes on. Not where the result is piped: whoever reads
   * it may be at the same terminal, and its screen would be spoilt.
   */
  boolean watched() {
    return terminal && errTerminal;
  }

  /** Columns of the terminal; 80 where it does not say. */
  int width() {
    return Terminal.size(environment).columns();
  }

  /** Whether the terminal shows more than ASCII, as far as its environment says. */
  boolean unicode() {
    for (String variable : List.of("LC_ALL", "LC_CTYPE", "LANG")) {
      String value = environment.getOrDefault(variable, "").toLowerCase(Locale.ROOT);
      if (!value.isEmpty()) {
        return value.contains("utf-8") || value.contains("utf8");
      }
    }
    return environment.containsKey(
        "WT_SESSION"); // Windows has no such variables, its Terminal does
  }

  /** Values of {@code --color}. */
  enum Colour {
    AUTO,
    ALWAYS,
    NEVER
  }
}
