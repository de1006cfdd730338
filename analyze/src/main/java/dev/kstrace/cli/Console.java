package dev.kstrace.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a command talks to: data on {@code out}, words on {@code err}. Immutable.
 *
 * @param in standard input
 * @param out standard output, UTF-8
 * @param err standard error, UTF-8
 * @param terminal whether standard output is a terminal
 * @param environment environment variables
 * @param directory where the search for a configuration begins
 * @param today the date, UTC: asked only where a suppression has an end
 */
record Console(
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean terminal,
    Map<String, String> environment,
    Path directory,
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

  /** Values of {@code --color}. */
  enum Colour {
    AUTO,
    ALWAYS,
    NEVER
  }
}
