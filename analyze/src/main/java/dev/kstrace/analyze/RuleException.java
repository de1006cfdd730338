package dev.kstrace.analyze;

/** A file that is no rule; the message says why, and the line says where. */
public final class RuleException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final int line;

  RuleException(int line, String message) {
    super(message);
    this.line = line;
  }

  /** The line of the rule's file, from 1. */
  public int line() {
    return line;
  }
}
