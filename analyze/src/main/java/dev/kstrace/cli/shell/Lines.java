package dev.kstrace.cli.shell;

import org.jspecify.annotations.Nullable;

/** Where the shell's input comes from. */
public interface Lines extends AutoCloseable {
  /** What reading gave where it gave no text: the user took the line back. */
  String TAKEN_BACK = "";

  /**
   * Reads one dot command or one or more whole statements; lines are asked for until they are.
   *
   * @return null at the end of the input
   */
  @Nullable String read();

  /** Columns of the screen on which the answers are read; no limit where there is none. */
  int width();

  /** Runs this, instead of ending the process, when the user interrupts what is running. */
  void onInterrupt(Runnable action);

  @Override
  void close();
}
