package dev.kstrace.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether a person sits at the other end, and how much that person sees. */
final class Terminal {
  private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,4}) ([1-9][0-9]{0,4})\\s*");

  /** What is taken for the size of a terminal that does not say. */
  static final Size USUAL = new Size(24, 80);

  private static final Path ERR = Path.of("/proc/self/fd/2");

  private Terminal() {}

  /** What fits on a screen. */
  record Size(int rows, int columns) {}

  /** Whether standard input and output are a terminal. */
  @SuppressWarnings("SystemConsoleNull") // asked below where the JVM can answer
  static boolean isInteractive() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true; // before Java 22 there is a console only on a terminal
    }
  }

  /** Whether standard error is a terminal, where the system says; else it is taken for one. */
  static boolean isErrInteractive() {
    if (!Files.isSymbolicLink(ERR)) {
      return true;
    }
    try {
      String device = Files.readSymbolicLink(ERR).toString();
      return device.startsWith("/dev/") && !device.equals("/dev/null");
    } catch (IOException e) {
      return true;
    }
  }

  /** The size of the terminal at standard input; 24 rows of 80 where it is unknown. */
  static Size size(Map<String, String> environment) {
    return size(environment, USUAL);
  }

  /**
   * The size of the terminal at standard input, as the variables {@code LINES} and {@code COLUMNS}
   * say, else the terminal itself.
   *
   * @param otherwise where nobody says, which also happens as the command is interrupted: the
   *     program that is asked hears the Ctrl-C as well
   */
  static Size size(Map<String, String> environment, Size otherwise) {
    String said =
        environment.getOrDefault("LINES", Integer.toString(USUAL.rows()))
            + " "
            + environment.getOrDefault("COLUMNS", "?");
    Matcher size = SIZE.matcher(said);
    if (!size.matches()) {
      size = SIZE.matcher(asked());
    }
    return size.matches()
        ? new Size(Integer.parseInt(size.group(1)), Integer.parseInt(size.group(2)))
        : otherwise;
  }

  /** The answer of stty; empty where there is none, such as on Windows. */
  private static String asked() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(ProcessBuilder.Redirect.INHERIT)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String answer = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return stty.waitFor(1, TimeUnit.SECONDS) ? answer : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
