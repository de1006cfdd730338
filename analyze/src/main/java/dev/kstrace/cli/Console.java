package dev.kstrace.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;

/**
 * What a command talks to: data on {@code out}, words on {@code err}. Immutable.
 *
 * @param in standard input
 * @param out standard output, UTF-8
 * @param err standard error, UTF-8
 * @param terminal whether standard output is a terminal
 * @param environment environment variables
 */
record Console(
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean terminal,
    Map<String, String> environment) {

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
