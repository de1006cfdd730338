package dev.kstrace.cli;

import java.io.Console;

/** Whether a person sits at the other end. */
final class Terminal {
  private Terminal() {}

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
}
