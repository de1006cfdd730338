package dev.kstrace.cli;

import dev.kstrace.analyze.Severity;

/** Terminal colours, or nothing. The word always stands beside the colour. */
final class Paint {
  private final boolean on;

  Paint(boolean on) {
    this.on = on;
  }

  String bold(String text) {
    return sgr("1", text);
  }

  String good(String text) {
    return sgr("32", text);
  }

  String severity(Severity severity) {
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
