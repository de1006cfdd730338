package dev.kstrace.cli.text;

import dev.kstrace.analyze.Severity;

/** Terminal colours, or nothing. The word always stands beside the colour. */
public final class Paint {
  private final boolean on;

  /** Colours, or plain text. */
  public Paint(boolean on) {
    this.on = on;
  }

  /** A text that stands out. */
  public String bold(String text) {
    return sgr("1", text);
  }

  /** A text that says that all is well. */
  public String good(String text) {
    return sgr("32", text);
  }

  /** A text that says that something is wrong. */
  public String bad(String text) {
    return sgr("31", text);
  }

  /** The word of a severity, all of one width. */
  public String severity(Severity severity) {
    return switch (severity) {
      case ERROR -> sgr("1;31", "error  ");
      case WARNING -> sgr("1;33", "warning");
      case INFO -> sgr("36", "info   ");
    };
  }

  private String sgr(String code, String text) {
    return on ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
