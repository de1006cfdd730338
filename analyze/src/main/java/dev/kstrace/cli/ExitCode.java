package dev.kstrace.cli;

/** Exit codes, a contract with scripts. If several apply: 70, 2, 3, 5, 4, 1. */
final class ExitCode {
  /** Done; nothing at or above the gate. */
  static final int OK = 0;

  /** Findings at or above the gate. */
  static final int FINDINGS = 1;

  /** The command line is wrong, or an output cannot be written. */
  static final int USAGE = 2;

  /** An input cannot be read or is no trace. */
  static final int UNREADABLE = 3;

  /** The replay diverged. */
  static final int DIVERGED = 4;

  /** The replay's target died or hung. */
  static final int TARGET_DIED = 5;

  /** Our own fault. */
  static final int INTERNAL = 70;

  /** Interrupted, as shells count SIGINT. */
  static final int INTERRUPTED = 130;

  private static final int[] PRECEDENCE = {
    INTERNAL, USAGE, UNREADABLE, TARGET_DIED, DIVERGED, FINDINGS
  };

  private ExitCode() {}

  /** Of two codes the one that says more. */
  static int graver(int a, int b) {
    for (int code : PRECEDENCE) {
      if (a == code || b == code) {
        return code;
      }
    }
    return OK;
  }
}
